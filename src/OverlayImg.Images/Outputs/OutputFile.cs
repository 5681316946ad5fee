using OverlayImg.FileSystems.HostDirectory;

namespace OverlayImg.Images.Outputs;

/// <summary>
/// An output file that is created atomically. It is written in a hidden directory next to the output path, and
/// <see cref="Publish"/> moves it to the output path.
/// </summary>
internal sealed class OutputFile : IDisposable
{
    private readonly string _path;
    private readonly ScratchDirectory? _scratch;

    private OutputFile(string path, ScratchDirectory? scratch) => (_path, _scratch) = (path, scratch);

    /// <summary>The path of the file until it is published, for writers that create the file themselves.</summary>
    public string Staging => Path.Combine((_scratch ?? throw new InvalidOperationException("A stream has no staging path.")).Path, "file");

    /// <summary>Prepares an output path like <see cref="Prepare"/>, or a device or a pipe, which gets the bytes directly.</summary>
    /// <exception cref="InputException">The path is a directory, or its parent directory does not exist.</exception>
    public static OutputFile PrepareAny(string path) => OutputPlace.IsSpecial(path) ? new(Path.GetFullPath(path), null) : Prepare(path);

    /// <summary>Prepares an output path. A file at the path is replaced when the output is published.</summary>
    /// <exception cref="InputException">The path is a directory, a device or a pipe, or its parent directory does not exist.</exception>
    public static OutputFile Prepare(string path)
    {
        path = Path.GetFullPath(path);
        var parent = Path.GetDirectoryName(path);
        if (parent is null || !Directory.Exists(parent))
            throw new InputException("can't be written: the parent directory does not exist", new(path));
        if (Directory.Exists(path)) throw new InputException("is a directory", new(path)) { Advice = "Name a file." };
        if (OutputPlace.IsSpecial(path))
            throw new InputException("is not a regular file, and must not be replaced by one", new(path)) { Advice = "Name a file." };
        return new(path, ScratchDirectory.Create(parent, $".{Path.GetFileName(path)}.overlayimg-"));
    }

    /// <summary>Opens the staging file, or the device or pipe, for writing.</summary>
    public FileOutputStream Open() => _scratch is null ? FileOutputStream.OpenSpecial(_path) : FileOutputStream.Create(Staging, _path);

    /// <summary>Moves the file to the output path. Does nothing for a device or a pipe.</summary>
    /// <exception cref="MachineException">The output path can't be written.</exception>
    public void Publish()
    {
        if (_scratch is null) return;
        try
        {
            File.Move(Staging, _path, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new MachineException($"{_path} can't be written: {HostTrouble.Reason(exception)}", exception)
            {
                Advice = HostTrouble.Advice(exception),
            };
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _scratch?.Dispose();
}
