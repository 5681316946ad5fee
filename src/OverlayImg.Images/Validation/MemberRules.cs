using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Tar;
using OverlayImg.Images.Json;
using OverlayImg.Images.Layouts;
using OverlayImg.Images.Sources;

namespace OverlayImg.Images.Validation;

/// <summary>Rules for the members of an archive's tar, and for the files of a layout's directory.</summary>
internal static class MemberRules
{
    public static void Check(ByteSource source, InputLocation where, Findings findings, CancellationToken cancellationToken)
    {
        var names = new HashSet<ByteString>();
        var budget = new TreeBudget();
        var reader = TarReader.Open(source, 0, source.Length, where);
        try
        {
            while (reader.Next(cancellationToken) is { } entry && names.Count < MemberTable.MaximumMembers && budget.TryTake(entry.RawName.Length))
                Check(entry, names, findings);
        }
        catch (InputException exception)
        {
            findings.Error("archive-tar", exception);
        }
    }

    public static void Check(LayoutDirectory layout, Findings findings)
    {
        foreach (var name in layout.NonFiles())
            findings.Error("archive-member-type", $"member {JsonInput.Printable(name)}", "is neither a file nor a link to a file");
    }

    private static void Check(TarEntry entry, HashSet<ByteString> names, Findings findings)
    {
        var place = $"member {entry.RawName}";
        if (entry.RawName.Span.StartsWith("/"u8)) findings.Error("archive-member-name", place, "begins with a slash");
        if (EntryName.HasParentComponent(entry.RawName.Span))
            findings.Error("archive-member-name", place, "leads out of the archive: it contains ..");
        var isDirectory = entry.TypeFlag == TarTypeFlag.Directory;
        if (!names.Add(TarPath.Clean(entry.RawName)) && !isDirectory) findings.Error("archive-duplicate-member", place, "occurs twice");
        if (MemberTable.IsSparse(entry)) findings.Warn("archive-sparse", place, "is stored as a sparse file, which not all clients read");
        else if (entry.TypeFlag is not (TarTypeFlag.RegularFile or TarTypeFlag.Directory or TarTypeFlag.SymbolicLink or TarTypeFlag.HardLink))
            findings.Error("archive-member-type", place, "is neither a file, a directory nor a link");
    }
}
