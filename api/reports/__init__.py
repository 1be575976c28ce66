"""One interview as people read it before they decide: everything that was found, as a page and as a PDF."""
