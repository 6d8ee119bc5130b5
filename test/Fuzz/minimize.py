"""Delta debugging of a text, line by line (Zeller, Hildebrandt: "Simplifying and
isolating failure-inducing input", 2002)."""


def minimize(text, is_broken, max_trials=300):
    """A text of as few lines as the trials find that is still broken."""
    lines, pieces, trials = text.split("\n"), 2, 0
    while len(lines) > 1 and trials < max_trials:
        size = -(-len(lines) // pieces)
        # From the end: ops that are used cannot go before their users.
        for begin in reversed(range(0, len(lines), size)):
            rest = lines[:begin] + lines[begin + size:]
            trials += 1
            if is_broken("\n".join(rest)):
                lines = rest
                pieces = max(2, pieces - 1)
                break
            if trials == max_trials:
                break
        else:
            if size == 1:
                break
            pieces = min(len(lines), 2 * pieces)
    return "\n".join(lines)
