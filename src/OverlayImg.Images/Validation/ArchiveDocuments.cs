using OverlayImg.Images.Archives;
using OverlayImg.Images.Json;

namespace OverlayImg.Images.Validation;

/// <summary>The documents of an archive or layout that is being validated.</summary>
internal sealed class ArchiveDocuments(ImageFiles members, Findings findings)
{
    /// <summary>Where documents say what they have against the rules.</summary>
    public Findings Findings => findings;

    /// <summary>What messages call it: archive or layout.</summary>
    public string Kind => members.Kind;

    /// <summary>Whether the archive has a file of that name.</summary>
    public bool Has(string name) => Find(name) is not null;

    /// <summary>The file; null where there is none, or where a link leads nowhere good (that is a finding).</summary>
    public ArchiveMember? Find(string name)
    {
        try
        {
            return members.Find(name);
        }
        catch (InputException exception)
        {
            findings.Error("archive-link", exception);
            return null;
        }
    }

    /// <summary>The file; a finding where it is missing.</summary>
    public ArchiveMember? Require(string name, string rule, CheckedJson namedBy)
    {
        var member = Find(name);
        if (member is null) namedBy.Error(rule, $"names '{JsonInput.Printable(name)}', which the {members.Kind} does not have");
        return member;
    }

    /// <summary>The bytes of a file that is there; null with a finding where they are too many.</summary>
    public byte[]? Bytes(string name, int maximumLength)
    {
        try
        {
            return members.ReadAll(name, maximumLength);
        }
        catch (InputException exception)
        {
            findings.Error("document-size", exception);
            return null;
        }
    }

    /// <summary>A JSON document that is there; null with a finding where it is none.</summary>
    public CheckedJson? Read(string name, int maximumLength) =>
        Bytes(name, maximumLength) is { } bytes ? CheckedJson.Parse(bytes, JsonInput.Printable(name), findings) : null;
}
