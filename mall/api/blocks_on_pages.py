"""Blocks of every kind as a page lists them: what stands in `values` follows from `kind`."""

from functools import lru_cache
from typing import Any, Final

from drf_spectacular.utils import PolymorphicProxySerializer
from rest_framework import serializers

from config.core.blocks import BlockKind, kinds


@lru_cache(maxsize=1)
def outputs_of_blocks() -> dict[str, type[serializers.Serializer[Any]]]:
    """A serializer of rendered blocks for each kind that the API shows; asked for after all rooms are ready."""
    return {kind.kind: _output_of(kind) for kind in kinds() if kind.output is not None}


def _output_of(kind: BlockKind) -> type[serializers.Serializer[Any]]:
    assert kind.output is not None
    parts = {
        "id": serializers.IntegerField(),
        "kind": serializers.ChoiceField(choices=[(kind.kind, kind.title)]),
        "values": kind.output(),
        "__doc__": f"{kind.title}.",
        "__module__": __name__,
    }
    name = "".join(word.title() for word in kind.kind.split("_"))
    return type(f"{name}BlockSerializer", (serializers.Serializer,), parts)


BLOCKS: Final = PolymorphicProxySerializer(
    component_name="Block",
    serializers=lambda: dict[str, Any](outputs_of_blocks()),
    resource_type_field_name="kind",
    many=True,
)
