using OverlayImg.FileSystems.HostDirectory;

namespace OverlayImg.Images.Outputs;

/// <summary>
/// An output directory that is created atomically. It is written in a hidden directory next to the output path, and
/// <see cref="Publish"/> moves it to the output path.
/// </summary>
internal sealed class OutputDirectory : IDisposable
{
    private readonly string _path;
    private readonly ScratchDirectory _scratch;

    private OutputDirectory(string path, ScratchDirectory scratch) => (_path, _scratch) = (path, scratch);

    /// <summary>The path to write the directory at. The caller creates it.</summary>
    public string Staging => Path.Combine(_scratch.Path, "directory");

    /// <summary>Prepares the output path. An empty directory at the path is replaced.</summary>
    /// <exception cref="InputException">The path is occupied, or its parent directory does not exist.</exception>
    public static OutputDirectory Prepare(string path)
    {
        path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        var parent = Path.GetDirectoryName(path);
        if (parent is null || !Directory.Exists(parent))
            throw new InputException("can't be created: the parent directory does not exist", new(path));
        if (File.Exists(path) || (Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any()))
            throw new InputException("exists and is not an empty directory", new(path)) { Advice = "Name another output, or remove this one first." };
        return new(path, ScratchDirectory.Create(parent, $".{Path.GetFileName(path)}.overlayimg-"));
    }

    /// <summary>Moves the directory to the output path.</summary>
    /// <exception cref="MachineException">The path became occupied in the meantime.</exception>
    public void Publish()
    {
        try
        {
            if (Directory.Exists(_path)) Directory.Delete(_path);
            Directory.Move(Staging, _path);
        }
        catch (IOException exception)
        {
            throw new MachineException($"{_path} can't be created: {exception.Message}", exception);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _scratch.Dispose();
}
