"""Studies put to people, and what they answered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "surveys",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("study_id", sa.Text()),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("prediction", sa.Text(), nullable=False),
        sa.Column("links", sa.Integer(), nullable=False),
        sa.Column("quota", sa.Integer(), nullable=False),
        sa.Column("until", sa.Double()),
        sa.Column("opened_at", sa.Double(), nullable=False),
        sa.Column("closed_at", sa.Double()),
        sa.Column("erase_at", sa.Double(), nullable=False),
        sa.Column("begun", sa.Integer(), nullable=False),
        sa.Column("answered", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["study_id"], ["studies.id"], name="fk_surveys_study_id_studies", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_surveys"),
    )
    op.create_index("ix_surveys_study_id", "surveys", ["study_id"])
    op.create_index("ix_surveys_opened_at", "surveys", ["opened_at"])
    op.create_index("ix_surveys_erase_at", "surveys", ["erase_at"])
    op.create_table(
        "survey_calls",
        sa.Column("survey_id", sa.Text(), nullable=False),
        sa.Column("call_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["survey_id"], ["surveys.id"], name="fk_survey_calls_survey_id_surveys", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name="fk_survey_calls_call_id_calls", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("survey_id", "call_id", name="pk_survey_calls"),
    )
    op.create_index("ix_survey_calls_call_id", "survey_calls", ["call_id"])
    op.create_table(
        "survey_links",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("survey_id", sa.Text(), nullable=False),
        sa.Column("used", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["survey_id"], ["surveys.id"], name="fk_survey_links_survey_id_surveys", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("hash", name="pk_survey_links"),
    )
    op.create_index("ix_survey_links_survey_id", "survey_links", ["survey_id"])
    op.create_table(
        "survey_answers",
        sa.Column("survey_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("receipt", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.Double(), nullable=False),
        sa.Column("took_s", sa.Double(), nullable=False),
        sa.Column("flags", sa.JSON(), nullable=False),
        sa.Column("suspect", sa.Boolean(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["survey_id"], ["surveys.id"], name="fk_survey_answers_survey_id_surveys", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("survey_id", "number", name="pk_survey_answers"),
        sa.UniqueConstraint("receipt", name="uq_survey_answers_receipt"),
    )


def downgrade() -> None:
    op.drop_table("survey_answers")
    op.drop_table("survey_links")
    op.drop_table("survey_calls")
    op.drop_table("surveys")
