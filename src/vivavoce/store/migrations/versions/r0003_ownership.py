"""What a server needs to take a call over from another: the newest handle, and what callers come back with."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "handles",
        sa.Column("call_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name="fk_handles_call_id_calls", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("call_id", name="pk_handles"),
    )
    op.create_table(
        "returns",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("call_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name="fk_returns_call_id_calls", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("hash", name="pk_returns"),
    )
    op.create_index("ix_returns_call_id", "returns", ["call_id"])
    op.create_index("ix_calls_state", "calls", ["state"])
    # What an older version left live has no lease: it is given one as long as a call of its may be (1,440 minutes, and
    # two hours for clocks that differ), so that it is filed at last like any other.
    op.execute("UPDATE calls SET lease_until = started_at + 93600 WHERE state = 'live'")


def downgrade() -> None:
    op.drop_index("ix_calls_state", "calls")
    op.drop_table("returns")
    op.drop_table("handles")
