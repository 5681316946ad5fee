using OverlayImg.Images.Json;

namespace OverlayImg.Images.References;

/// <summary>A name and a tag that an archive gives an image, as they are written there.</summary>
/// <param name="Name">Such as <c>debian</c> or <c>docker.io/library/debian</c>; empty where the archive gives a tag alone.</param>
/// <param name="Tag">Such as <c>12</c>; empty where there is none.</param>
public sealed record ImageReference(string Name, string Tag)
{
    private static readonly string[] ImpliedPrefixes = ["docker.io/library/", "docker.io/", "localhost/"];

    /// <summary>Splits at the last colon, unless that one stands before a slash (then it belongs to a registry's port).</summary>
    public static ImageReference Parse(string text)
    {
        var colon = text.LastIndexOf(':');
        return colon > text.LastIndexOf('/') ? new(text[..colon], text[(colon + 1)..]) : new(text, "");
    }

    /// <summary>Whether docker takes it for an image's name (distribution/reference, "Grammar"); it may lack the tag.</summary>
    public bool IsValid => ReferenceGrammar.IsName(Name) && (Tag.Length == 0 || ReferenceGrammar.IsTag(Tag));

    /// <summary>Whether an archive that we write can have it: a valid name, or a tag alone, which is a name in an OCI layout.</summary>
    public bool CanBeWritten => IsValid || (Name.Length == 0 && ReferenceGrammar.IsRefName(Tag));

    /// <exception cref="InputException">No archive that we write can have it.</exception>
    public void RequireWritable()
    {
        if (CanBeWritten) return;
        if (Name.Length == 0)
            throw new InputException($"'{JsonInput.Printable(Tag)}' can't be a name in an OCI layout") { Advice = "Give letters and digits, divided by single - . _ : @ + or /." };
        throw new InputException($"'{this}' can't be the name of an image")
        {
            Advice = "Names are lower-case letters and digits, divided by single . _ - or /; tags have letters, digits, and _ . - inside.",
        };
    }

    /// <summary>The same for all references that docker takes for the same name: <c>debian</c> and <c>docker.io/library/debian:latest</c>.</summary>
    public string Key => (Name.Length == 0 ? this : WithTag.Full).Text;

    /// <summary>The reference with the tag that clients imply where there is none.</summary>
    internal ImageReference WithTag => Tag.Length > 0 ? this : this with { Tag = "latest" };

    /// <summary>Name and tag as an archive has them; not fit for a message.</summary>
    public string Text => Tag.Length == 0 ? Name : Name.Length == 0 ? Tag : $"{Name}:{Tag}";

    /// <summary>The reference with registry and path spelt out, as docker understands it: <c>debian</c> is <c>docker.io/library/debian</c>.</summary>
    internal ImageReference Full => this with { Name = ReferenceGrammar.FullName(Name) };

    /// <summary>Name and tag, fit for a message.</summary>
    public override string ToString() => JsonInput.Printable(Name.Length == 0 ? $":{Tag}" : Text);

    /// <summary>Whether the reference has exactly this name and tag; what is null may be anything.</summary>
    internal bool Matches(string? name, string? tag) => (name is null || name == Name) && (tag is null || tag == Tag);

    /// <summary>
    /// As <see cref="Matches"/>, but <c>debian</c>, <c>docker.io/library/debian</c> and <c>localhost/debian</c> are one: podman and skopeo write
    /// the long forms.
    /// </summary>
    internal bool MatchesFamiliarly(string? name, string? tag) => (name is null || Familiar(name) == Familiar(Name)) && (tag is null || tag == Tag);

    private static string Familiar(string name) =>
        ImpliedPrefixes.FirstOrDefault(prefix => name.StartsWith(prefix, StringComparison.Ordinal)) is { } prefix ? name[prefix.Length..] : name;
}
