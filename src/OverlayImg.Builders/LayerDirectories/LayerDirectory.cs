using System.Text.Json.Nodes;
using OverlayImg.FileSystems.HostDirectory;

namespace OverlayImg.Builders.LayerDirectories;

/// <summary>
/// A layer in dockerTools' form: a directory with <c>layer.tar</c>, <c>json</c> and <c>VERSION</c>.
/// Files are written to a hidden directory next to it until <see cref="Publish"/>, so that no partial layer appears.
/// </summary>
internal sealed class LayerDirectory : IDisposable
{
    private static readonly string[] Members = ["VERSION", "json", "layer.tar"];
    private readonly ScratchDirectory _scratch;
    private readonly string _path;

    private LayerDirectory(string path, ScratchDirectory scratch)
    {
        (_path, _scratch) = (path, scratch);
        Directory.CreateDirectory(Staging);
    }

    private string Staging => Path.Combine(_scratch.Path, "layer");

    /// <summary>Creates the hidden directory for <paramref name="path"/>, so that a path that can't be written fails before any work.</summary>
    /// <exception cref="InputException">The path exists and is no layer directory, or its parent directory does not exist.</exception>
    public static LayerDirectory Prepare(string path)
    {
        path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        var parent = Path.GetDirectoryName(path);
        if (parent is null || !Directory.Exists(parent))
            throw new InputException("can't be made: the directory that it is in does not exist", new(path));
        if (File.Exists(path) || (Directory.Exists(path) && !IsReplaceable(path)))
            throw new InputException("exists and is not a layer directory", new(path)) { Advice = "Name another output, or remove it first." };
        return new(path, ScratchDirectory.Create(parent, $".{Path.GetFileName(path)}.overlayimg-"));
    }

    /// <summary>Path of <c>layer.tar</c> in the hidden directory.</summary>
    public string TarPath => Path.Combine(Staging, "layer.tar");

    /// <summary>Creates <c>layer.tar</c> for writing. <paramref name="written"/> gets the number of bytes of each write.</summary>
    public LayerStream CreateTar(IProgress<int> written) => new(TarPath, Path.Combine(_path, "layer.tar"), written);

    /// <summary>Writes <c>json</c> and <c>VERSION</c>, and moves the directory to its path. An older layer directory is replaced.</summary>
    /// <exception cref="MachineException">The disk is full, or the path can't be written.</exception>
    public void Publish(JsonObject baseJson, string checksum)
    {
        try
        {
            WriteAndMove(baseJson, checksum);
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
    public void Dispose() => _scratch.Dispose();

    private void WriteAndMove(JsonObject baseJson, string checksum)
    {
        File.WriteAllBytes(Path.Combine(Staging, "json"), BaseJson.WithChecksum(baseJson, checksum));
        File.WriteAllText(Path.Combine(Staging, "VERSION"), "1.0");
        var old = Path.Combine(_scratch.Path, "old");
        var replaces = Directory.Exists(_path);
        if (replaces) Directory.Move(_path, old);
        try
        {
            Directory.Move(Staging, _path);
        }
        catch (IOException) when (replaces)
        {
            Directory.Move(old, _path);
            throw;
        }
    }

    private static bool IsReplaceable(string path) =>
        Directory.EnumerateFileSystemEntries(path).All(entry => Members.Contains(Path.GetFileName(entry)) && !Directory.Exists(entry));
}
