"""What people said elsewhere, what we make of it, and the panels drawn from it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "corpora",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("made_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_corpora"),
    )
    op.create_table(
        "harvests",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("corpus", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("most", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("job", sa.Text()),
        sa.Column("cursor", sa.Text()),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("kept", sa.Integer(), nullable=False),
        sa.Column("known", sa.Integer(), nullable=False),
        sa.Column("left_out", sa.JSON(), nullable=False),
        sa.Column("total", sa.Integer()),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("began_at", sa.Double(), nullable=False),
        sa.Column("ended_at", sa.Double()),
        sa.ForeignKeyConstraint(["corpus"], ["corpora.name"], name="fk_harvests_corpus_corpora", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_harvests"),
    )
    op.create_index("ix_harvests_corpus", "harvests", ["corpus"])
    op.create_table(
        "insights",
        sa.Column("corpus", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("said_at", sa.Double()),
        sa.Column("group", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("lang", sa.Text(), nullable=False),
        sa.Column("rating", sa.Double()),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("licence", sa.Text(), nullable=False),
        sa.Column("collected_at", sa.Double(), nullable=False),
        sa.Column("same_as", sa.Text()),
        sa.Column("harvest_id", sa.Text()),
        sa.Column("call_id", sa.Text()),
        sa.ForeignKeyConstraint(["corpus"], ["corpora.name"], name="fk_insights_corpus_corpora", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["harvest_id"], ["harvests.id"], name="fk_insights_harvest_id_harvests", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name="fk_insights_call_id_calls", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("corpus", "id", name="pk_insights"),
    )
    op.create_index("ix_insights_harvest_id", "insights", ["harvest_id"])
    op.create_index("ix_insights_call_id", "insights", ["call_id"])
    op.create_table(
        "readings",
        sa.Column("corpus", sa.Text(), nullable=False),
        sa.Column("insight", sa.Text(), nullable=False),
        sa.Column("niche", sa.Text(), nullable=False),
        sa.Column("niche_sure", sa.Double(), nullable=False),
        sa.Column("kind", sa.Text()),
        sa.Column("kind_sure", sa.Double(), nullable=False),
        sa.Column("sentiment", sa.Double()),
        sa.Column("flags", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["corpus", "insight"],
            ["insights.corpus", "insights.id"],
            name="fk_readings_corpus_insights",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("corpus", "insight", name="pk_readings"),
    )
    op.create_table(
        "panels",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("corpus", sa.Text(), nullable=False),
        sa.Column("made_at", sa.Double(), nullable=False),
        sa.Column("spec", sa.JSON(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["corpus"], ["corpora.name"], name="fk_panels_corpus_corpora", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_panels"),
    )
    op.create_index("ix_panels_corpus", "panels", ["corpus"])
    op.create_table(
        "panel_calls",
        sa.Column("panel_id", sa.Text(), nullable=False),
        sa.Column("call_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["panel_id"], ["panels.id"], name="fk_panel_calls_panel_id_panels", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name="fk_panel_calls_call_id_calls", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("panel_id", "call_id", name="pk_panel_calls"),
    )
    op.create_index("ix_panel_calls_call_id", "panel_calls", ["call_id"])


def downgrade() -> None:
    op.drop_table("panel_calls")
    op.drop_table("panels")
    op.drop_table("readings")
    op.drop_table("insights")
    op.drop_table("harvests")
    op.drop_table("corpora")
