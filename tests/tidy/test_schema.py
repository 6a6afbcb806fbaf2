"""What is made from client-protocol/schema/ is what is there."""

from deploy.local.schema import ROOT, made


def test_what_is_made_from_the_schemas_is_up_to_date() -> None:
    old = [
        str(path.relative_to(ROOT)) for path, text in made().items() if not path.exists() or path.read_text() != text
    ]
    assert old == [], "python -P -m deploy.local.schema"
