"""What all structs of the live protocol share: naming, and the field types that need more than JSON says.

Field names are snake_case here and lowerCamelCase on the wire (protobuf JSON). An absent field is None or its default
and is never written: the service refuses some explicit nulls and the official SDKs omit them too.

A struct refuses keys that it does not know, so that one typed pass takes a message in the service's own spelling and
nothing else; `loose.py` brings every other spelling into that form, and takes unknown keys out instead of losing them.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec


class Message(msgspec.Struct, rename="camel", omit_defaults=True, kw_only=True, forbid_unknown_fields=True):
    """Base of all structs of this protocol."""


class Empty(Message):
    """An object whose presence is the message."""


Int32 = Annotated[int, msgspec.Meta(ge=-(2**31), le=2**31 - 1)]
Int64 = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
Int64Text = Annotated[str, msgspec.Meta(pattern=r"^-?[0-9]{1,19}$", extra={"int64": True})]
"""An int64 as protobuf JSON writes it, in a string; read from a number too."""

Object = Annotated[dict[str, Any], msgspec.Meta(extra={"protocol": True})]
"""An object of the protocol that neither of our sides looks into: its names are brought to camelCase, no more."""
Map = dict[str, Any]
"""An object that belongs to the user: its names are never touched."""
Schema = Annotated[dict[str, Any], msgspec.Meta(extra={"schema": True})]
"""An OpenAPI-like schema: its keywords are the protocol's, the names under `properties` are the user's."""

Enum = Annotated[str, msgspec.Meta(pattern=r"^[^a-z]*$", extra={"enum": True})]
"""A name in capitals, read from small letters too. Any name passes: peers know newer ones than we do."""
