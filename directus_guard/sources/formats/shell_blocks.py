"""Blocks of a shell text: which commands run together or not at all."""

from __future__ import annotations

from msgspec import Struct


class ShellBlock(Struct):
    """A stretch of commands that run together or not at all."""

    kind: str
    block: int


class ShellBlocks:
    """Which commands of a text run together or not at all, as a tree of blocks."""

    def __init__(self) -> None:
        self.parents: list[int] = [-1]
        self.functions: list[int] = [0]
        """Block to the function it is in; 0 = none."""
        self.chain = 0
        """The block of the next command."""
        self._stack: list[ShellBlock] = []

    def new_block(self, parent: int, *, function: bool = False) -> int:
        self.parents.append(parent)
        block = len(self.parents) - 1
        self.functions.append(block if function else self.functions[parent])
        return block

    @property
    def current(self) -> int:
        return self._stack[-1].block if self._stack else 0

    def push(self, kind: str, *, apart: bool, function: bool = False) -> None:
        block = self.new_block(self.current, function=function) if apart else self.current
        self._stack.append(ShellBlock(kind, block))
        self.chain = block

    def pop(self, kind: str) -> None:
        if self._stack and self._stack[-1].kind == kind:
            self._stack.pop()
        self.chain = self.current

    def branch(self) -> None:
        """`then`, `else`, `do`, `;;`: what follows may not run."""
        if self._stack:
            outer = self._stack[-2].block if len(self._stack) > 1 else 0
            self._stack[-1].block = self.new_block(outer)
        self.chain = self.current

    @property
    def kind(self) -> str:
        """What the innermost open block was opened with, "" outside of all."""
        return self._stack[-1].kind if self._stack else ""

    def rejoin(self) -> None:
        """What follows runs wherever the innermost block runs."""
        self.chain = self.current

    def enter(self) -> tuple[int, list[ShellBlock]]:
        """Begin a `$(…)`; `leave` takes what this returns."""
        outside = self.chain, self._stack
        self.chain = self.new_block(self.chain)
        self._stack = [ShellBlock("$(", self.chain)]
        return outside

    def leave(self, outside: tuple[int, list[ShellBlock]]) -> None:
        """End a `$(…)`."""
        self.chain, self._stack = outside
