namespace OverlayImg.FileSystems.Errors;

/// <summary>The location of an error in an input. Unknown parts are null.</summary>
/// <param name="File">The file or directory that the user named.</param>
/// <param name="Layer">The layer in the file: its member name or diff ID.</param>
/// <param name="Path">The path inside the tree, escaped for printing.</param>
/// <param name="Offset">Byte offset in the file, or in the uncompressed layer where <paramref name="Layer"/> is given.</param>
public readonly record struct InputLocation(string? File = null, string? Layer = null, string? Path = null, long? Offset = null)
{
    /// <summary>"base.tar, layer 5f70bf18.../layer.tar, path etc/passwd, byte 1536"; empty where no part is known.</summary>
    public override string ToString()
    {
        string?[] parts =
        [
            File, Layer is null ? null : $"layer {Layer}",
            Path is null ? null : $"path {Path}", Offset is null ? null : $"byte {Offset}"
        ];
        return string.Join(", ", parts.Where(part => part is not null));
    }
}

/// <summary>An input is corrupt, hostile, unsupported or missing (exit code 3).</summary>
public sealed class InputException(string what, InputLocation where = default, Exception? innerException = null)
    : OverlayImgException(what, innerException)
{
    /// <summary>The location of the error.</summary>
    public InputLocation Where { get; } = where;

    /// <inheritdoc/>
    public override string Describe(Func<Advice, string>? word = null) =>
        Where.ToString() is { Length: > 0 } place ? $"{place}: {base.Describe(word)}" : base.Describe(word);

    /// <summary>
    /// Makes the same error with the file and layer that only the caller knows, and with the caller's path and offset where this error has none.
    /// </summary>
    public InputException At(InputLocation outer) =>
        new(
            Message,
            new(outer.File ?? Where.File, outer.Layer ?? Where.Layer, Where.Path ?? outer.Path, Where.Offset ?? outer.Offset),
            InnerException ?? this)
        {
            Advice = Advice
        };
}
