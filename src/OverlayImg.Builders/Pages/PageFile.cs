using OverlayImg.Images.Outputs;

namespace OverlayImg.Builders.Pages;

/// <summary>The output of a page. A file is created atomically; standard output, a device or a pipe gets the bytes directly.</summary>
internal sealed class PageFile : IDisposable
{
    private readonly string _path;
    private readonly OutputFile? _file;

    private PageFile(string path, OutputFile? file) => (_path, _file) = (path, file);

    /// <summary>Prepares the output, so that a path that can't be written fails before any work.</summary>
    /// <param name="path">The path of a file, or <c>-</c> for standard output.</param>
    /// <exception cref="InputException">The path is a directory, or its parent directory does not exist.</exception>
    public static PageFile Prepare(string path) => new(path, path == "-" ? null : OutputFile.PrepareAny(path));

    /// <summary>Writes the page and moves the file to the output path.</summary>
    /// <exception cref="MachineException">The output can't be written.</exception>
    /// <exception cref="ClosedPipeException">The reader of a pipe has closed the pipe.</exception>
    public WrittenFile Publish(ReadOnlySpan<byte> page)
    {
        using (var stream = _file?.Open() ?? FileOutputStream.StandardOutput()) stream.Write(page);
        _file?.Publish();
        return new(_path, page.Length);
    }

    /// <inheritdoc/>
    public void Dispose() => _file?.Dispose();
}
