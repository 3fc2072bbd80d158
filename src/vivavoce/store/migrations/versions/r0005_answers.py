"""What models answered for the members of panels."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "answers",
        sa.Column("panel_id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("persona", sa.Text(), nullable=False),
        sa.Column("respondent", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("made_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["panel_id"], ["panels.id"], name="fk_answers_panel_id_panels", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("panel_id", "key", name="pk_answers"),
    )


def downgrade() -> None:
    op.drop_table("answers")
