// Compile folders of Python files with the very Python that the page runs: node compile.mjs PYODIDE (FOLDER SHOWN KEEP)…
// FOLDER is what to compile, SHOWN is where its files will lie in the page, KEEP says whether the sources stay.
import process from "node:process";
import { pathToFileURL } from "node:url";

const [core, ...rest] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(`${core}/pyodide.mjs`));
const python = await loadPyodide({ indexURL: `${core}/` });
python.runPython(`
import compileall, py_compile, pathlib, warnings

warnings.simplefilter("ignore", SyntaxWarning)

def compile_folder(folder, shown, keep):
    ok = compileall.compile_dir(
        folder, quiet=1, legacy=not keep, stripdir=folder, prependdir=shown,
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
    )
    for source in () if keep else [*pathlib.Path(folder).rglob("*.py")]:
        if source.with_suffix(".pyc").exists():
            source.unlink()
    return ok
`);
const compileFolder = python.globals.get("compile_folder");
for (let i = 0; i < rest.length; i += 3) {
    const [folder, shown, keep] = rest.slice(i, i + 3);
    const mounted = `/compiled${i}`;
    python.FS.mkdir(mounted);
    python.mountNodeFS(mounted, folder);
    if (!compileFolder(mounted, shown, keep === "keep")) process.exitCode = 1;
}
