"""The sentences of rules that several tests expect, word for word."""

AS_TEXT = "; read the column as text."
SEVEN = f"7 is a whole number, not text: leading zeros, as in '007', would be lost{AS_TEXT}"


def looks_like(letter):
    return f"which only looks like '{letter}'"


def frame_to(action=""):
    return f"The frame of subscribers {action and f'to {action} '}can't be used: "
