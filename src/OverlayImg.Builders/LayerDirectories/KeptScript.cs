using OverlayImg.Images.Outputs;
using OverlayImg.Images.Sessions;

namespace OverlayImg.Builders.LayerDirectories;

/// <summary>
/// A script with the commands that were typed in an interactive shell. It is created atomically when the shell ends, also if the changes of the shell
/// are thrown away.
/// </summary>
internal sealed class KeptScript : IDisposable
{
    private readonly OutputFile _file;
    private readonly string _path;
    private readonly Session _session;

    private KeptScript(string path, OutputFile file, Session session) => (_path, _file, _session) = (path, file, session);

    // The interactive shell went on after a command that failed, so such commands are comments, and any other failure ends the script.
    private static ReadOnlySpan<byte> Header => """
        #!/bin/bash
        # The commands of an interactive root shell. Those that failed are comments.
        set -e

        """u8;

    /// <summary>Prepares the path, so that a path that can't be written fails before the shell opens. An existing file is replaced.</summary>
    /// <exception cref="InputException">The path is a directory, a device or a pipe, or its parent directory does not exist.</exception>
    public static KeptScript Prepare(string path, Session session) => new(path, OutputFile.Prepare(path), session);

    /// <summary>Writes the script, which is executable for everyone who may read it.</summary>
    /// <param name="commands">The commands, as bash recorded them.</param>
    /// <exception cref="MachineException">The disk is full, or the path can't be written.</exception>
    public void Write(ReadOnlyMemory<byte> commands)
    {
        using (var stream = _file.Open())
        {
            stream.Write(Header);
            stream.Write(commands.Span);
        }

        var mode = File.GetUnixFileMode(_file.Staging);
        var readers = mode & (UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        // The bit for executing is two below the bit for reading.
        File.SetUnixFileMode(_file.Staging, mode | (UnixFileMode)((int)readers >> 2));
        _file.Publish();
        _session.Step($"Wrote the commands of the shell to {_path}");
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
