using OverlayImg.FileSystems;
using OverlayImg.Images.Compression;
using OverlayImg.Images.Sessions;

namespace OverlayImg.Layers.Contents;

/// <summary>The content of a pipe of the host, which can be read only once.</summary>
internal static class PipeContent
{
    /// <summary>Reads a pipe to its end into a temporary file, which the session owns.</summary>
    /// <exception cref="MachineException">The pipe can't be read, or the disk has no space.</exception>
    public static FileContent Read(string path, Session session)
    {
        using var pipe = InputFile.OpenSequential(path);
        var spool = new Spool(session.Scratch, SpoolLimits.Default);
        var source = session.Own(spool.Copy(pipe, new(path), session.CancellationToken));
        return new SourceContent(source, 0, source.Length);
    }
}
