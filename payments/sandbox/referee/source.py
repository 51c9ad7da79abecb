"""The text of the installed Stripe package: its modules, classes and annotations, read not run."""

import ast
import functools
import importlib.util
from dataclasses import dataclass
from pathlib import Path


@functools.cache
def package_folder() -> Path:
    """Where the installed package lies; finding it does not import it."""
    spec = importlib.util.find_spec("stripe")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("the stripe package is not installed")
    return Path(spec.submodule_search_locations[0])


def module_text(module: str) -> str:
    """The source of `stripe.some.module`."""
    path = package_folder().joinpath(*module.split(".")[1:])
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return file.read_text(encoding="utf-8")


@functools.cache
def module_tree(module: str) -> ast.Module:
    """The syntax tree of a module, parsed once."""
    return ast.parse(module_text(module))


@functools.cache
def imports(module: str) -> dict[str, tuple[str, str]]:
    """Local name → (module, name there), for everything a module takes from the package."""
    return {
        alias.asname or alias.name: (node.module, alias.name)
        for node in ast.walk(module_tree(module))
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("stripe")
        for alias in node.names
    }


@functools.cache
def constants(module: str) -> dict[str, object]:
    """Every literal a module (or a class in it) assigns, by name."""
    found: dict[str, object] = {}
    for node in ast.walk(module_tree(module)):
        target: ast.expr | None = None
        value: ast.expr | None = None
        if isinstance(node, ast.Assign):
            target, value = node.targets[0], node.value
        elif isinstance(node, ast.AnnAssign) and node.value:
            target, value = node.target, node.value
        if isinstance(target, ast.Name) and value is not None:
            try:
                found[target.id] = ast.literal_eval(value)
            except ValueError:
                continue
    return found


def api_version() -> str:
    """The API version the installed package speaks, e.g. `2026-10-28.endive`."""
    return str(constants("stripe._api_version")["CURRENT"])


@dataclass(frozen=True)
class ClassRef:
    """A class in the package, by module and dotted name inside it."""

    module: str
    name: str

    def __str__(self) -> str:
        return self.name

    def node(self) -> ast.ClassDef | None:
        """The class statement, or None when there is no such class."""
        body: list[ast.stmt] = module_tree(self.module).body
        found = None
        for part in self.name.split("."):
            found = next((n for n in body if isinstance(n, ast.ClassDef) and n.name == part), None)
            if found is None:
                return None
            body = found.body
        return found

    def resolve(self, name: str) -> "ClassRef | None":
        """What `name` means inside this class: nested first, then its module, then its imports."""
        for candidate in (
            ClassRef(self.module, f"{self.name}.{name}"),
            ClassRef(self.module, name),
        ):
            if candidate.node():
                return candidate
        taken = imports(self.module).get(name)
        return ClassRef(*taken) if taken else None


def annotations(ref: ClassRef) -> dict[str, ast.expr]:
    """The public annotated names of a class, in order."""
    node = ref.node()
    if node is None:
        return {}
    return {
        statement.target.id: statement.annotation
        for statement in node.body
        if isinstance(statement, ast.AnnAssign)
        and isinstance(statement.target, ast.Name)
        and not statement.target.id.startswith("_")
        and "ClassVar" not in ast.dump(statement.annotation)
    }
