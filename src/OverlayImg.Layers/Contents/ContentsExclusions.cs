using System.Text;
using System.Text.Unicode;
using OverlayImg.FileSystems.Exclusions;
using OverlayImg.Images.Sessions;

namespace OverlayImg.Layers.Contents;

/// <summary>Finds out which files of each contents item are left out.</summary>
internal sealed class ContentsExclusions
{
    // A larger file is the wrong file.
    private const int MaximumLength = 1 << 20;

    // Podman and buildah look for the first name first. Docker knows the second name alone.
    private static readonly string[] OwnFiles = [".containerignore", ".dockerignore"];

    private readonly ContentsOptions _options;
    private readonly ExclusionList? _given;
    private readonly Session _session;

    /// <summary>Reads the ignore file that the user named.</summary>
    /// <exception cref="InputException">The file can't be read, or a line is no pattern.</exception>
    public ContentsExclusions(ContentsOptions options, Session session)
    {
        (_options, _session) = (options, session);
        var named = options.IgnoreFile is { } file ? Read(file) : null;
        _given = Joined(named, options.Exclusions);
    }

    /// <summary>
    /// The files that are left out of an item; null for none. The ignore file in a directory counts unless the user named another file.
    /// </summary>
    /// <param name="path">The directory or tarball.</param>
    /// <exception cref="InputException">The item's ignore file can't be read, or a line is no pattern.</exception>
    public ExclusionList? Of(string path)
    {
        if (!_options.ReadsIgnoreFiles || _options.IgnoreFile is not null || !Directory.Exists(path)) return _given;
        if (OwnFiles.Select(name => Path.Combine(path, name)).FirstOrDefault(File.Exists) is not { } file) return _given;
        _session.Notice($"{path}: the files that {file} lists are left out.", LayerSetting.IgnoreFile);
        return Joined(Read(file), _given);
    }

    private static ExclusionList? Joined(ExclusionList? first, ExclusionList? second) =>
        first is null ? second : second is null ? first : first.Then(second);

    private static ExclusionList Read(string file)
    {
        var bytes = InputFile.ReadAll(file, MaximumLength, "an ignore file");
        if (!Utf8.IsValid(bytes)) throw new InputException("is no UTF-8 text", new(file)) { Advice = "An ignore file has one pattern in each line." };
        return ExclusionList.Parse(Encoding.UTF8.GetString(bytes).TrimStart('\ufeff'), InputFile.NameOf(file));
    }
}
