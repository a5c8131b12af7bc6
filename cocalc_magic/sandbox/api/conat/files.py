"""``project:system.*`` that read, write, list and move files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.domain import files

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.sandbox.world import World


def listing(world: World, project_id: str, options: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the entries of a folder."""
    return files.listing(world, project_id, options.get("path"), hidden=bool(options.get("hidden")))


def delete_files(world: World, project_id: str, options: Mapping[str, Any]) -> None:
    """Delete files and folders."""
    files.delete(world, project_id, options.get("paths"))


def move_files(world: World, project_id: str, options: Mapping[str, Any]) -> None:
    """Move files and folders into a folder."""
    files.move(world, project_id, options.get("paths"), options.get("dest"))


def rename_file(world: World, project_id: str, options: Mapping[str, Any]) -> None:
    """Rename or move a file or folder."""
    files.rename(world, project_id, options.get("src"), options.get("dest"))


def realpath(world: World, project_id: str, options: Mapping[str, Any]) -> str:
    """Return where a path leads to."""
    return files.real_path(world, project_id, options.get("path"))


def canonical_paths(world: World, project_id: str, options: Mapping[str, Any]) -> list[str]:
    """Return where each of several paths leads to."""
    return files.real_paths(world, project_id, options.get("paths"))


def read_text_file_from_project(world: World, project_id: str, options: Mapping[str, Any]) -> str:
    """Return a file as text."""
    return files.read_text(world, project_id, options.get("path"))


def write_text_file_to_project(world: World, project_id: str, options: Mapping[str, Any]) -> None:
    """Write a whole file."""
    files.write_text(world, project_id, options.get("path"), options.get("content"))
