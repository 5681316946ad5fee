using OverlayImg.Images.Archives;
using OverlayImg.Images.Json;

namespace OverlayImg.Images.Validation;

/// <summary>The documents of an archive or a layout that is validated. Problems become findings.</summary>
internal sealed class ArchiveDocuments(ImageFiles members, Findings findings)
{
    public Findings Findings => findings;

    /// <summary>The word for the input in messages: archive or layout.</summary>
    public string Kind => members.Kind;

    public bool Has(string name) => Find(name) is not null;

    /// <summary>Returns the file; null if it is missing. A broken link is a finding.</summary>
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

    /// <summary>Returns the file; null with a finding if it is missing.</summary>
    public ArchiveMember? Require(string name, string rule, CheckedJson namedBy)
    {
        var member = Find(name);
        if (member is null) namedBy.Error(rule, $"names '{JsonInput.Printable(name)}', which the {members.Kind} does not have");
        return member;
    }

    /// <summary>Reads an existing file; null with a finding if it is longer than <paramref name="maximumLength"/> bytes.</summary>
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

    /// <summary>Reads an existing JSON document; null with a finding if it is invalid.</summary>
    public CheckedJson? Read(string name, int maximumLength) =>
        Bytes(name, maximumLength) is { } bytes ? CheckedJson.Parse(bytes, JsonInput.Printable(name), findings) : null;
}
