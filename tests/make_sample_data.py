"""Make the files of `sample_data/` anew: `python tests/make_sample_data.py`.

The same bytes every time; all people are made up.
"""

import sys
from datetime import UTC, datetime
from pathlib import Path

import xlsxwriter

SAMPLES = Path(__file__).resolve().parent.parent / "sample_data"

GOOD = [
    ("AaravSharma", "Sales West", "started in May"),
    ("PriyaNair", "Support", ""),
    ("RohanMehta", "Sales West", ""),
    ("AnanyaIyer", "Support", "night shift"),
    ("VikramReddy", "Field Service", ""),
    ("MeeraJoshi", "Support", ""),
    ("ArjunRao", "Sales South", ""),
    ("KavyaMenon", "Sales South", "part time"),
    ("SidKapoor", "Field Service", ""),
    ("NishaGupta", "Support", ""),
    ("TanTeeWei", "Singapore desk", ""),
    ("LimJiaHui", "Singapore desk", "back on 1 December"),
    ("DevPatel", "Field Service", ""),
    ("IshaanBose", "Sales East", ""),
    ("FatimaKhan", "Support", ""),
    ("GeetaPillai", "Back office", ""),
    ("HarishKumar", "Field Service", "two phones"),
    ("JayaBalan", "Sales South", ""),
    ("KabirAnand", "Sales West", ""),
    ("LeelaDas", "Back office", ""),
    ("ManavSinha", "Support", ""),
    ("NehaVerma", "Support", ""),
    ("OmPrakash", "Field Service", ""),
    ("PoojaShetty", "Sales South", "replaces Ravi"),
    ("RaviShankar", "Field Service", ""),
    ("SanaQureshi", "Support", ""),
    ("TaraFernandes", "Sales West", ""),
    ("UdayChauhan", "Sales East", ""),
    ("VarunMalik", "Field Service", ""),
    ("YashTrivedi", "Sales West", ""),
    ("ZoyaMirza", "Back office", ""),
    ("ChenXiaoMing", "Singapore desk", ""),
    ("desk14", "Reception, 4th floor", "shared phone"),
    ("DESK14", "Reception, 5th floor", "yes, really another phone"),
]
AS_TYPED = [
    ("007", "Security gate", "asked for this name"),
    ("1E5", "Building 1, block E, desk 5", ""),
    ("TRUE", "Duty phone", ""),
    ("NA", "North Annex", ""),
    ("MAR1", "Maruti team, phone 1", ""),
    ("null", "Test rig", "leave it in, please"),
    ("0123456789012345", "Asset tag", ""),
]
BROKEN = [
    ("Sunita Rao", "Support", "space inside"),
    ("rahul.k@example.com", "Sales East", "sent his e-mail address"),
    ("BalasubramaniamKr", "Back office", "one letter too long"),
    ("JoséDSouza", "Singapore desk", "accent"),
    ("PriyaNair", "Sales West", "twice in the list"),
    ("AmitKulkarni\n", "Support", "pasted with a line break"),
    ("DeepaMathew ", "Support", "space at the end"),
    ("", "Field Service", "name to follow"),
]


def new_subscribers(path):
    """Write the list as a team lead sends it: plain, one column of her own, every cell text."""
    rows = [*GOOD[:20], *AS_TYPED[:4], *BROKEN[:4], *GOOD[20:], *AS_TYPED[4:], *BROKEN[4:]]
    with xlsxwriter.Workbook(path, {"in_memory": True}) as book:
        text = book.add_format({"num_format": "@"})
        sheet = plain_sheet(book, text)
        for at, cells in enumerate(rows, start=1):
            for column, cell in enumerate(cells):
                if cell:
                    sheet.write_string(at, column, cell, text)


def retyped_by_excel(path):
    """Write what is left of six names when they are typed into cells that are not formatted as text."""
    with xlsxwriter.Workbook(path, {"in_memory": True}) as book:
        sheet = plain_sheet(book, None)
        sheet.write_string(1, 0, "AaravSharma")
        sheet.write_number(2, 0, 7)  # 007
        sheet.write_number(3, 0, 100000, book.add_format({"num_format": "0.00E+00"}))  # 1E5
        sheet.write_boolean(4, 0, True)  # TRUE  # noqa: FBT003 - the library's own signature
        sheet.write_number(5, 0, 46082, book.add_format({"num_format": "d-mmm"}))  # MAR1
        sheet.write_number(6, 0, 123456789012345)  # 0123456789012345
        sheet.write_formula(7, 0, "=NA()", None, "#N/A")
        for at in range(1, 8):
            sheet.write_string(at, 1, "Support")


def plain_sheet(book, text):
    """Return the one sheet of a hand-made list, with its header."""
    book.set_properties({"author": "a team lead", "created": datetime(2026, 11, 2, 9, 30, tzinfo=UTC)})
    sheet = book.add_worksheet("Team")
    bold = book.add_format({"bold": True})
    for column, (header, width) in enumerate({"subscriber_name": 22, "custom_field": 30, "Team lead note": 30}.items()):
        sheet.set_column(column, column, width, text)
        sheet.write_string(0, column, header, bold)
    return sheet


def main(folder=SAMPLES):
    """Write both files into a folder."""
    folder.mkdir(exist_ok=True)
    new_subscribers(folder / "new_subscribers.xlsx")
    retyped_by_excel(folder / "retyped_by_excel.xlsx")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
