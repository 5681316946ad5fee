using OverlayImg.FileSystems.HostDirectory;

namespace OverlayImg.Images.Outputs;

/// <summary>A file that appears whole or not at all: written in a hidden directory beside its place,
/// and moved there by <see cref="Publish"/>.</summary>
internal sealed class OutputFile : IDisposable
{
    private readonly string _path;
    private readonly ScratchDirectory? _scratch;

    private OutputFile(string path, ScratchDirectory? scratch) => (_path, _scratch) = (path, scratch);

    /// <summary>Where it is until it is published: for writers that make the file themselves.</summary>
    public string Staging => Path.Combine((_scratch ?? throw new InvalidOperationException("A stream has no other place.")).Path, "file");

    /// <summary>As <see cref="Prepare"/>, but a device or a pipe gets the bytes as they come.</summary>
    /// <exception cref="InputException">A directory is there, or the one that it would be in does not exist.</exception>
    public static OutputFile PrepareAny(string path) => OutputPlace.IsSpecial(path) ? new(Path.GetFullPath(path), null) : Prepare(path);

    /// <summary>Prepares <paramref name="path"/> to be written; an older file there will be replaced.</summary>
    /// <exception cref="InputException">A directory, a device or a pipe is there, or the one that it would be in does not exist.</exception>
    public static OutputFile Prepare(string path)
    {
        path = Path.GetFullPath(path);
        var parent = Path.GetDirectoryName(path);
        if (parent is null || !Directory.Exists(parent))
            throw new InputException("can't be written: the directory that it is in does not exist", new(path));
        if (Directory.Exists(path)) throw new InputException("is a directory", new(path)) { Advice = "Name a file." };
        if (OutputPlace.IsSpecial(path)) throw new InputException("is no regular file, and must not be replaced by one", new(path)) { Advice = "Name a file." };
        return new(path, ScratchDirectory.Create(parent, $".{Path.GetFileName(path)}.overlayimg-"));
    }

    /// <summary>Opens it to be written.</summary>
    public FileOutputStream Open() => _scratch is null ? FileOutputStream.OpenSpecial(_path) : FileOutputStream.Create(Staging, _path);

    /// <summary>Moves it to its place.</summary>
    /// <exception cref="MachineException">The place can't be written.</exception>
    public void Publish()
    {
        if (_scratch is null) return;
        try
        {
            File.Move(Staging, _path, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new MachineException($"{_path} can't be written: {HostTrouble.Reason(exception)}", exception) { Advice = HostTrouble.Advice(exception) };
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _scratch?.Dispose();
}
