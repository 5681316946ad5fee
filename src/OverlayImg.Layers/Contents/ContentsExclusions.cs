using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Exclusions;
using OverlayImg.FileSystems.HostDirectory;
using OverlayImg.Images.Sessions;

namespace OverlayImg.Layers.Contents;

/// <summary>Finds the patterns of the files that each contents item leaves out.</summary>
internal sealed class ContentsExclusions(ContentsOptions options, Session session)
{
    // Podman and buildah look for the first name first. Docker knows the second name alone.
    private static readonly string[] OwnFiles = [".containerignore", ".dockerignore"];

    /// <summary>The files that are left out of an item; null for none. The ignore file in a directory counts unless the user named a file.</summary>
    /// <param name="path">The directory or tarball.</param>
    /// <exception cref="InputException">The ignore file in the directory can't be read, or has a line that is not a pattern.</exception>
    public ExclusionList? Of(string path)
    {
        if (!options.ReadsIgnoreFiles || !Directory.Exists(path)) return options.Exclusions;
        // A pipe of this name is a file of the contents: nobody writes to the pipe.
        var files = OwnFiles.Select(name => Path.Combine(path, name)).Where(file => HostTree.TypeOf(file) == FileType.RegularFile);
        if (files.FirstOrDefault() is not { } file) return options.Exclusions;
        session.Notice($"{path}: the files that {file} lists are left out.", LayerSetting.IgnoreFile);
        var own = IgnoreFile.Read(file);
        return options.Exclusions is null ? own : own.Then(options.Exclusions);
    }
}
