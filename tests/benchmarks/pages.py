"""A made-up tenant as the service would list it: any page of it, from arithmetic alone (API.md, "Envelopes")."""

from datetime import UTC, datetime
from pathlib import Path

from exotel_frames.api.listing.overlapping import shared_rows

PAGE = 100
CREATED_S = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp())
ALIKE = 10  # rows that share a second, as one POST of ten leaves them
EMPTY = (
    b'{"request_id":"8019271c8d98422db509c2801e63435f","method":"GET","http_code":200,'
    b'"metadata":{"page_size":100,"prev_page_uri":null,"next_page_uri":null,"first_page_uri":null},"response":[]}'
)


def name_of(number: int) -> str:
    """Return the name of the number-th subscriber, the oldest being 0."""
    return f"user{number:09}"


def moment(seconds: int) -> str:
    return datetime.fromtimestamp(CREATED_S + seconds, UTC).isoformat()


def item(number: int) -> str:
    created, updated = moment(number // ALIKE), moment(number)
    field = f'"team {number % 997}, floor {number % 7}"' if number % 4 else "null"
    return (
        '{"code":200,"error_data":null,"status":"success","data":{'
        f'"date_created":"{created}","date_updated":"{updated}","subscriber_name":"{name_of(number)}",'
        f'"status":"{"active" if number % 5 else "inactive"}","custom_field":{field}}}}}'
    )


def page(rows: int, offset: int, size: int = PAGE) -> bytes:
    """Return a page of a tenant of so many rows, newest first."""
    return around([item(number) for number in numbers(rows, offset, size)], rows, offset, size)


def numbers(rows: int, offset: int, size: int = PAGE) -> range:
    """Return which subscribers stand on a page."""
    return range(rows - 1 - offset, max(-1, rows - 1 - offset - size), -1)


def around(items: list[str], rows: int, offset: int, size: int = PAGE) -> bytes:
    path, end = "/v2/accounts/acme1/subscribers", offset + size
    further = f'"{path}?offset={end}&page_size={size}"' if end < rows else "null"
    return (
        '{"request_id":"8019271c8d98422db509c2801e63435f","method":"GET","http_code":200,'
        f'"metadata":{{"page_size":{size},"prev_page_uri":null,"next_page_uri":{further},'
        f'"first_page_uri":"{path}?offset=0&page_size={size}"}},"response":[{",".join(items)}]}}'
    ).encode()


def plain_offsets(rows: int) -> list[int]:
    """Return where pages begin for whoever reads one after the other."""
    return list(range(0, rows, PAGE))


def joined_offsets(rows: int) -> list[int]:
    """Return where the pages of `load_subscribers` begin: each shares a few rows with the one before."""
    offsets = [0]
    while (following := offsets[-1] + PAGE - shared_rows(len(offsets) - 1, PAGE)) < rows:
        offsets.append(following)
    return offsets


def write_tenant(folder: Path, rows: int, offsets: list[int]) -> None:
    """Write the pages that begin at these offsets, as <rows>/<offset>.json."""
    there = folder / str(rows)
    there.mkdir(parents=True, exist_ok=True)
    made: dict[int, str] = {}
    for offset in sorted(offsets):
        made = {number: made.get(number) or item(number) for number in numbers(rows, offset)}
        (there / f"{offset}.json").write_bytes(around(list(made.values()), rows, offset))
    (folder / "empty.json").write_bytes(EMPTY)
