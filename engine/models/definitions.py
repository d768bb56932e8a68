"""Owns the tables of what was deployed: uploads, their files, and versions of processes."""

from __future__ import annotations

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from engine.database import Base, BigId, new_public_id


class Deployment(Base):
    """One upload: the files of a definition version, byte for byte."""

    __tablename__ = "deployment"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    brand_id: Mapped[int] = mapped_column(index=True)
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None]
    files: Mapped[list[DeployedFile]] = relationship(order_by="DeployedFile.path")


class DeployedFile(Base):
    __tablename__ = "deployed_file"
    __table_args__ = (sa.UniqueConstraint("deployment_id", "path"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    deployment_id: Mapped[int] = mapped_column(sa.ForeignKey("deployment.id"))
    path: Mapped[str]
    digest: Mapped[str] = mapped_column(sa.String(64))
    content: Mapped[bytes] = mapped_column(deferred=True)


class ProcessDefinition(Base):
    """One version of one executable process. Instances run on `compiled`, never on the XML again."""

    __tablename__ = "process_definition"
    __table_args__ = (sa.UniqueConstraint("brand_id", "key", "version"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    brand_id: Mapped[int]
    key: Mapped[str] = mapped_column(sa.String(255))
    version: Mapped[int]
    name: Mapped[str]
    names: Mapped[dict[str, str]] = mapped_column(default=dict)
    settings: Mapped[dict[str, str]] = mapped_column(default=dict)
    deployment_id: Mapped[int] = mapped_column(sa.ForeignKey("deployment.id"))
    path: Mapped[str]
    digest: Mapped[str] = mapped_column(sa.String(64))
    reader_version: Mapped[int]
    compiled: Mapped[bytes] = mapped_column(deferred=True)
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None]
