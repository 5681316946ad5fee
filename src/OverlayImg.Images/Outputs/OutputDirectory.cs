using OverlayImg.FileSystems.HostDirectory;

namespace OverlayImg.Images.Outputs;

/// <summary>A directory that appears whole or not at all: written in a hidden directory beside its place, and moved there by
/// <see cref="Publish"/>.</summary>
internal sealed class OutputDirectory : IDisposable
{
    private readonly string _path;
    private readonly ScratchDirectory _scratch;

    private OutputDirectory(string path, ScratchDirectory scratch) => (_path, _scratch) = (path, scratch);

    /// <summary>Where it is written: nothing is there yet.</summary>
    public string Staging => Path.Combine(_scratch.Path, "directory");

    /// <summary>Prepares <paramref name="path"/> to be made. An empty directory may be there.</summary>
    /// <exception cref="InputException">Something else is there, or the directory that it would be in does not exist.</exception>
    public static OutputDirectory Prepare(string path)
    {
        path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        var parent = Path.GetDirectoryName(path);
        if (parent is null || !Directory.Exists(parent))
            throw new InputException("can't be made: the directory that it is in does not exist", new(path));
        if (File.Exists(path) || (Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any()))
            throw new InputException("exists and is not an empty directory", new(path)) { Advice = "Name another output, or remove it first." };
        return new(path, ScratchDirectory.Create(parent, $".{Path.GetFileName(path)}.overlayimg-"));
    }

    /// <summary>Moves it to its place.</summary>
    /// <exception cref="MachineException">Something came there in the meantime.</exception>
    public void Publish()
    {
        try
        {
            if (Directory.Exists(_path)) Directory.Delete(_path);
            Directory.Move(Staging, _path);
        }
        catch (IOException exception)
        {
            throw new MachineException($"{_path} can't be made: {exception.Message}", exception);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _scratch.Dispose();
}
