"""What was exported, changed in a spreadsheet and imported again changes just that."""

import io

import pytest
import sqlalchemy as sa

from cmdb import registry
from cmdb.catalogue import concrete
from cmdb.database import db
from cmdb.items import Item
from servicedesk.intake.columns import choose, columns_of
from servicedesk.intake.models import ImportBatch
from servicedesk.intake.references import References
from servicedesk.inventory import fields
from tests.makers import make_item

# What a person or the register itself says, and no file.
NEVER_READ = {"confirmed_on", "completeness"}


def test_the_heads_of_an_export_are_read_as_the_fields_that_they_are(session):
    references = References(None)
    for spec in concrete(registry.classes()):
        shown = fields.of_list(spec.key)
        read = choose([one.title for one in shown.values()], columns_of(spec, references))
        misread = {key for at, key in enumerate(shown) if read.get(at) != key}
        assert misread <= NEVER_READ, spec.key


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_an_export_comes_back_by_its_numbers(sign_in, cast, form):
    first = make_item(
        "=PC; 1", cast.oosterveen, class_key="workstation", serial="-S1", purchase_cents=123456, tags=["balie", "zaal"],
        user_id=cast.anna.id, manager_id=cast.daan.id, attributes={"memory": 16384},
    )  # fmt: skip
    make_item("PC-2", cast.oosterveen, class_key="workstation", attributes={"memory": 4096, "encrypted": True})
    browser = sign_in(cast.ada)
    columns = "serial,purchase_cents,tags,user,manager,memory,encrypted,status,owner,class"
    address = f"/items/export.{form}?class=workstation&municipality={cast.oosterveen.id}"
    data = browser.get(f"{address}&columns={columns}").data
    for content, changed in ((data, 0), (data.replace(b"PC-2", b"PC-9"), 1 if form == "csv" else 0)):
        sent = {"class": "workstation", "owner": cast.oosterveen.code,
                "file": (io.BytesIO(content), f"uit.{form}")}  # fmt: skip
        answer = browser.post("/items/import", data=sent)
        batch = db.session.scalars(sa.select(ImportBatch).order_by(ImportBatch.id.desc())).first()
        page = browser.get(answer.location).text
        assert batch.counts == {"new": 0, "changed": changed, "same": 2 - changed, "refused": 0}, page
    browser.post(f"{answer.location}/apply")
    names = set(db.session.scalars(sa.select(Item.name).where(Item.class_key == "workstation")))
    assert names == {"=PC; 1", "PC-9" if form == "csv" else "PC-2"}
    assert first.serial == "-S1"
