"""CSV, read strictly as text: what is clear is read as it stands, what is not is refused and said."""

import pytest

from exotel_frames.errors import WorkbookError
from exotel_frames.workbooks import read_csv
from tests.workbooks.excel_kit import NASTY_NAMES, plain


def csv_file(folder, text):
    """Write bytes, or text in UTF-8, and return the path."""
    path = folder / "new.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def refused(folder, text):
    """Return what is said about a file that can't be read."""
    with pytest.raises(WorkbookError) as error:
        read_csv(csv_file(folder, text))
    return str(error.value)


def test_every_field_is_the_text_that_stands_there(tmp_path):
    fields = ["NA", "", " x ", "1e5", "=1+1", 'say "hi"', "a,b", "two\nlines", "TRUE"]
    quoted = [f'"{field.replace(chr(34), chr(34) * 2)}"' for field in fields]
    lines = [f"{name},{field}" for name, field in zip(NASTY_NAMES, quoted, strict=False)]
    frame = read_csv(csv_file(tmp_path, "\n".join(["subscriber_name,custom_field", *lines]) + "\n"))
    assert plain(frame["subscriber_name"]) == NASTY_NAMES[:9]
    assert plain(frame["custom_field"]) == [field or None for field in fields]
    assert {str(dtype) for dtype in frame.dtypes} == {"str"}


@pytest.mark.parametrize("break_", ["\n", "\r\n", "\r"])
def test_any_line_break_and_a_byte_order_mark_do_no_harm(tmp_path, break_):
    text = break_.join(["\ufeffsubscriber_name,note", "007,a", "", "1E5,b", ""])
    frame = read_csv(csv_file(tmp_path, text))
    assert plain(frame["subscriber_name"]) == ["007", "1E5"]
    assert frame.attrs["exotel_frames"]["row_numbers"] == [2, 4]


def test_one_column_needs_no_comma(tmp_path):
    assert plain(read_csv(csv_file(tmp_path, "subscriber_name\n007\n"))["subscriber_name"]) == ["007"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("subscriber_name;custom_field\n007;x\n", "separated by semicolons instead of commas"),
        ("subscriber_name\tcustom_field\n007\tx\n", "separated by tabs"),
        ("subscriber_name|custom_field\n007|x\n", "separated by vertical bars"),
        ("sep=;\nsubscriber_name;x\n", "Delete that line"),
        ("subscriber_name,note\n007\n1E5,a,b\n", "line 2 has 1 field, and the header has 2(.|\n)*line 3 has 3 fields"),
        ('subscriber_name,note\n007,"a\n1E5,b\n', "begins on line 2 is broken"),
        ("subscriber_name,note,note\n007,a,b\n", "second 'note'"),
        ("subscriber_name,Status\n007,active\n", "Write status"),
        ("name,note\n007,a\n", "Call the column with the names subscriber_name"),
        ("subscriber_name,note\nJos\xe9,a\n".encode("latin-1"), r"line 2 is not in UTF-8 \(byte 0xE9 = é in Latin-1\)"),
        ("subscriber_name,note\n007,a\n".encode("utf-16"), "UTF-16"),
        (b"subscriber_name,note\n00\x007,a\n", "binary file"),
        (b"", "it is empty"),
        ("<html><table>", "HTML"),
        ('{"subscriber_name": "007"}', "JSON"),
    ],
)
def test_what_is_unclear_is_refused_and_said(tmp_path, text, said):
    with pytest.raises(WorkbookError, match=said):
        read_csv(csv_file(tmp_path, text))


def test_ragged_lines_are_problems_with_their_rows(tmp_path):
    with pytest.raises(WorkbookError) as error:
        read_csv(csv_file(tmp_path, "subscriber_name,note\na,b\nc\nd,e\nf,g,h\n"))
    assert error.value.problems["row"].tolist() == [1, 3]


def test_a_workbook_is_not_taken_for_csv(tmp_path):
    assert "Read it with read_workbook" in refused(tmp_path, b"PK\x03\x04")
