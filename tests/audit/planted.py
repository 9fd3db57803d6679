"""A tenant in which nothing is odd, and oddities of every rule to be planted in it."""

from __future__ import annotations

import pandas as pd

CONSONANTS, VOWELS = "cdfghjkmnpqrtvwxyz", "aeiu"
DAY = pd.Timestamp("2026-11-01", tz="UTC")
NOW = pd.Timestamp("2026-11-20", tz="UTC")
TEAMS = ["Support North", "Support South", "Billing", "Field Sales", "HR", "shift 10 20", "shift 20 10", "1.5", "15"]


def word(number: int) -> str:
    """A name of letters that look like no digit; another number gives another one."""
    syllables = []
    for _ in range(5):
        number, at = divmod(number, len(CONSONANTS) * len(VOWELS))
        syllables.append(CONSONANTS[at // len(VOWELS)] + VOWELS[at % len(VOWELS)])
    return "".join(syllables)


def sound(size: int) -> pd.DataFrame:
    """Subscribers of whom nothing is to be told; the last digits keep the names apart."""
    number = range(size)
    return frame(
        [f"{word(each)}{each % 7 + 2}" for each in number],
        fields=[TEAMS[each % len(TEAMS)] for each in number],
    )


def frame(names, *, status="active", fields=None, updated=DAY):
    return pd.DataFrame(
        {
            "subscriber_name": pd.array(list(names), dtype="str"),
            "status": pd.array([status] * len(names) if isinstance(status, str) else status, dtype="str"),
            "custom_field": pd.array(list(fields) if fields is not None else [None] * len(names), dtype="str"),
            "date_created": DAY,
            "date_updated": updated,
        }
    ).astype({"date_created": "datetime64[us, UTC]", "date_updated": "datetime64[us, UTC]"})


def planted(number: int = 200) -> tuple[pd.DataFrame, dict[str, set[str]]]:
    """A tenant with so many oddities of every rule, shuffled, and the names that each rule must tell."""
    parts, odd = [sound(20_000)], {}

    def plant(rule, names, tell=None, **more):
        parts.append(frame(names, **more))
        odd.setdefault(rule, set()).update(names if tell is None else tell)

    some = [word(1_000_000 + each) for each in range(20 * number)]
    take = iter(some)
    next_words = lambda: [next(take) for _ in range(number)]  # noqa: E731 - shorter than a function
    words = next_words()
    plant("case_twin", [*words, *(each.capitalize() for each in words)])
    words = next_words()
    plant("zero_twin", [*(f"{each}{at + 1}" for at, each in enumerate(words)),
                        *(f"{each}0{at + 1}" for at, each in enumerate(words))])  # fmt: skip
    words = [each[:8] for each in next_words()]
    pairs = ["0O", "1l", "1I", "lI", "5S", "8B"]
    plant("lookalike_twin", [f"{each}{char}xk" for at, each in enumerate(words) for char in pairs[at % len(pairs)]])
    months = ["MAR", "sept", "Dec", "JANUARY", "may"]
    plant("spreadsheet_hazard", [f"{months[at % 5]}{at // 5 + 1950}" for at in range(number)])
    halves = range(number // 2)
    plant("spreadsheet_hazard", [f"{at + 11}E{at % 9 + 4}" for at in halves])
    pairs = [(f"000{at + 4000}", str(at + 4000)) for at in halves]
    pairs += [(f"{at + 311}E9", f"{at + 311}000000000") for at in range(number - number // 2)]
    plant("damaged_twin", [name for pair in pairs for name in pair], [short for _, short in pairs])
    odd["spreadsheet_hazard"] |= {long for long, _ in pairs}
    odd["spreadsheet_hazard"] |= {short for _, short in pairs if len(short) >= 12}
    odd["zero_twin"] |= {name for pair in pairs if pair[0].startswith("000") for name in pair}
    spellings = ["support north", "SUPPORT-NORTH", " Support  North", "north support", "Support, North", "billing."]
    plant("field_variant", next_words(), fields=[spellings[at % len(spellings)] for at in range(number)])
    plant("status_unknown", next_words(), status=[("paused", "Active", "", None)[at % 4] for at in range(number)])
    plant("stale", next_words(), updated=pd.Timestamp("2025-01-01", tz="UTC"))
    marks = [".", "-", " ", "é", "@"]
    plant("name_unusual", [f"{each}{marks[at % len(marks)]}x" for at, each in enumerate(next_words())])
    whole = pd.concat(parts, ignore_index=True).sample(frac=1, random_state=7).reset_index(drop=True)
    return whole, odd
