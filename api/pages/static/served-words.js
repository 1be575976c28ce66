// What the server says, by its code, for translations: English has no need of it, for the server's own sentences say more.

export const words = {
  language: "en",
  answered: (status) => `The server answered ${status}.`,
  problems: {}, // by the code of a refusal: a function of the problem that makes a sentence
  remarks: {}, // by the code of what the linter says: a function of the remark that makes `[what, why]`
};
