"""One bot in one call: hears everyone, holds the interview, tells the control plane."""
