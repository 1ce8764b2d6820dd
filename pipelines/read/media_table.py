"""Which endings, names and first bytes tell what kind of file it is: the closed tables behind `media`."""

# Tables, which the formatter would spread over hundreds of lines.
# fmt: off

from typing import Final

FORMAT_OF_ENDING: Final = {
    "jsonl": "jsonl", "ndjson": "jsonl", "jsonlines": "jsonl", "json": "jsonl",
    "csv": "csv", "tsv": "csv", "tab": "csv",
    "parquet": "parquet", "pq": "parquet",
    "arrow": "arrow", "arrows": "arrow", "ipc": "arrow", "feather": "arrow",
    "warc": "warc", "arc": "", "wet": "wet", "wat": "warc",
    "md": "markdown", "markdown": "markdown", "mdx": "markdown", "mkd": "markdown", "rmd": "markdown", "qmd": "markdown",
    "txt": "text", "text": "text", "rst": "text", "adoc": "text", "asciidoc": "text", "org": "text", "tex": "text",
    "log": "text", "srt": "text", "vtt": "text", "po": "text", "pot": "text", "bib": "text", "textile": "text",
}
"""Ending -> format of the reader; "" where no reader takes it."""

CODE_ENDINGS: Final = frozenset(
    ["ada", "adb", "ads", "agda", "applescript", "asm", "s", "awk", "bash", "bat", "c", "cc", "cfg", "cgi", "clj", "cljs", "cljc", "cmake", "cmd", "coffee", "conf", "cpp", "cppm", "cr", "cs", "csproj", "css", "cu", "cuh", "cxx", "cython", "d", "dart", "diff", "dockerfile", "dpr", "dtd", "e", "el", "elm", "erl", "ex", "exs", "f", "f03", "f08", "f77", "f90", "f95", "fish", "fnl", "for", "frag", "fs", "fsi", "fsx", "fth", "gd", "gemspec", "glsl", "go", "gql", "gradle", "graphql", "groovy", "h", "hcl", "hh", "hlsl", "hpp", "hrl", "hs", "htm", "html", "hx", "hxx", "idl", "inc", "ini", "inl", "ino", "ipp", "ipynb", "iss", "jade", "java", "jinja", "jinja2", "j2", "jl", "js", "json5", "jsx", "kt", "kts", "l", "less", "lean", "lhs", "lisp", "lock", "lsp", "lua", "m", "m4", "mak", "make", "mako", "mjs", "cjs", "mk", "ml", "mli", "mm", "mod", "nim", "nix", "nsi", "patch", "pas", "php", "phtml", "pl", "plist", "pm", "pod", "pro", "prolog", "properties", "proto", "ps1", "psd1", "psm1", "pug", "purs", "pxd", "pxi", "py", "pyi", "pyw", "pyx", "r", "rake", "rb", "reg", "rkt", "rs", "sass", "scala", "scm", "scss", "sh", "shader", "sln", "sol", "sql", "ss", "st", "styl", "sum", "sv", "svelte", "svh", "swift", "tcl", "template", "tf", "tfvars", "thrift", "tmpl", "toml", "tpl", "ts", "tsx", "typed", "v", "vala", "vb", "vba", "vbs", "vert", "vhd", "vhdl", "vim", "vue", "wasm.wat", "wgsl", "wsgi", "x", "xaml", "xhtml", "xml", "xsd", "xsl", "xslt", "y", "yaml", "yml", "yy", "zig", "zsh"]
)
"""Endings of source code, markup and settings, which the `code` reader takes."""

TEXT_NAMES: Final = frozenset(
    ["authors", "changelog", "changes", "codeowners", "contributing", "contributors", "copying", "copyright", "credits", "history", "install", "installer", "licence", "license", "maintainers", "manifest", "metadata", "news", "notice", "patents", "readme", "record", "requested", "thanks", "todo", "top_level", "unlicense", "version", "wheel"]
)
"""Names without an ending, in lower case, that hold prose; also with something behind a hyphen or a point (LICENSE-MIT)."""

CODE_NAMES: Final = frozenset(
    ["brewfile", "build", "cakefile", "cmakelists", "containerfile", "dockerfile", "gemfile", "gnumakefile", "jenkinsfile", "justfile", "makefile", "meson", "pipfile", "podfile", "procfile", "rakefile", "snakefile", "tiltfile", "vagrantfile", "workspace"]
)

MAGIC: Final[tuple[tuple[int, bytes, str], ...]] = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"), (0, b"\xff\xd8\xff", "image/jpeg"), (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"), (8, b"WEBP", "image/webp"), (0, b"BM\x00", ""), (0, b"II*\0", "image/tiff"),
    (0, b"MM\0*", "image/tiff"), (0, b"\0\0\1\0", "image/x-icon"), (4, b"ftypavif", "image/avif"),
    (4, b"ftypheic", "image/heic"), (0, b"8BPS", "image/vnd.adobe.photoshop"),
    (0, b"ID3", "audio/mpeg"), (0, b"\xff\xfb", "audio/mpeg"), (0, b"fLaC", "audio/flac"), (0, b"OggS", "audio/ogg"),
    (8, b"WAVE", "audio/wav"), (8, b"AVI ", "video/x-msvideo"), (4, b"ftyp", "video/mp4"),
    (0, b"\x1aE\xdf\xa3", "video/webm"), (0, b"FLV\1", "video/x-flv"), (0, b"\0\0\1\xba", "video/mpeg"),
    (0, b"%PDF-", "application/pdf"), (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (0, b"{\\rtf", "application/rtf"),
    (0, b"PK\3\4", "application/zip"), (0, b"PK\5\6", "application/zip"), (0, b"7z\xbc\xaf'\x1c", "application/x-7z-compressed"),
    (0, b"Rar!\x1a\x07", "application/vnd.rar"), (0, b"BZh", "application/x-bzip2"), (0, b"\xfd7zXZ\0", "application/x-xz"),
    (0, b"\x04\x22\x4d\x18", "application/x-lz4"), (257, b"ustar", "application/x-tar"), (0, b"!<arch>\n", "application/x-archive"),
    (0, b"\x7fELF", "application/x-executable"), (0, b"MZ", "application/vnd.microsoft.portable-executable"),
    (0, b"\xcf\xfa\xed\xfe", "application/x-mach-binary"), (0, b"\xca\xfe\xba\xbe", "application/java-vm"),
    (0, b"\0asm", "application/wasm"), (0, b"SQLite format 3\0", "application/vnd.sqlite3"),
    (0, b"\x89HDF\r\n\x1a\n", "application/x-hdf5"), (0, b"\x93NUMPY", "application/x-npy"),
    (0, b"wOFF", "font/woff"), (0, b"wOF2", "font/woff2"), (0, b"\0\1\0\0\0", "font/ttf"), (0, b"OTTO", "font/otf"),
    (0, b"GGUF", "application/x-gguf"), (0, b"\x80\x02", "application/x-python-pickle"), (0, b"\x80\x04\x95", "application/x-python-pickle"),
    (0, b"PAR1", "application/vnd.apache.parquet"), (0, b"ARROW1\0\0", "application/vnd.apache.arrow.file"),
    (0, b"\x1f\x8b", "application/gzip"), (0, b"\x28\xb5\x2f\xfd", "application/zstd"),
)
"""(offset, bytes, media type); "" stands for nothing; the first that matches counts."""

OWN_MEDIA: Final = {
    "application/vnd.apache.parquet": "parquet", "application/vnd.apache.arrow.file": "arrow",
}
"""Media that a reader takes, by their first bytes."""

CODEC_MEDIA: Final = {"application/gzip": "gz", "application/zstd": "zst"}

MEDIA_OF_ENDING: Final = {
    "svg": "image/svg+xml", "bmp": "image/bmp", "ico": "image/x-icon", "mp3": "audio/mpeg", "wav": "audio/wav",
    "flac": "audio/flac", "mp4": "video/mp4", "mkv": "video/x-matroska", "mov": "video/quicktime", "pdf": "application/pdf",
    "doc": "application/msword", "epub": "application/epub+zip", "zip": "application/zip", "tar": "application/x-tar",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "pyc": "application/x-python-bytecode", "so": "application/x-sharedlib", "bin": "application/octet-stream",
    "safetensors": "application/x-safetensors", "bz2": "application/x-bzip2", "xz": "application/x-xz", "arc": "application/x-arc",
    "whl": "application/zip", "jar": "application/java-archive", "mo": "application/x-gettext-translation",
}
"""Ending -> media type of what no reader takes, where the first bytes do not tell."""
