"""Tables of the documents, between `<!-- name -->` and `<!-- end of name -->`."""


def table(text: str, name: str) -> list[list[str]]:
    """Return the rows of a table, without its head; a cell that is only code is given without its backticks."""
    region = text.split(f"<!-- {name} -->\n")[1].split(f"<!-- end of {name} -->", maxsplit=1)[0]
    return [[_plain(cell.strip()) for cell in line.strip("|").split("|")] for line in region.strip().splitlines()[2:]]


def _plain(cell: str) -> str:
    return cell[1:-1] if cell.startswith("`") and cell.count("`") == 2 and cell.endswith("`") else cell
