"""What panels were asked, and what they answered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "studies",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("panel_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("spec", sa.Text(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("respondents", sa.JSON(), nullable=False),
        sa.Column("embedder", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("job", sa.Text()),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("abstained", sa.Integer(), nullable=False),
        sa.Column("usage", sa.JSON(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("result", sa.Text()),
        sa.Column("made_at", sa.Double(), nullable=False),
        sa.Column("ended_at", sa.Double()),
        sa.ForeignKeyConstraint(["panel_id"], ["panels.id"], name="fk_studies_panel_id_panels", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_studies"),
    )
    op.create_index("ix_studies_panel_id", "studies", ["panel_id"])
    op.create_index("ix_studies_made_at", "studies", ["made_at"])
    is_open = sa.text("state = 'open'")
    op.create_index("uq_studies_key", "studies", ["key"], unique=True, sqlite_where=is_open, postgresql_where=is_open)
    op.create_table(
        "ballots",
        sa.Column("study_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("respondent", sa.Text(), nullable=False),
        sa.Column("persona", sa.Text(), nullable=False),
        sa.Column("abstains", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["study_id"], ["studies.id"], name="fk_ballots_study_id_studies", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("study_id", "number", name="pk_ballots"),
    )


def downgrade() -> None:
    op.drop_table("ballots")
    op.drop_table("studies")
