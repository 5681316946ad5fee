using OverlayImg.Images.Json;

namespace OverlayImg.Images.References;

/// <summary>A name and a tag of an image, exactly as an archive has them.</summary>
/// <param name="Name">Such as <c>debian</c> or <c>docker.io/library/debian</c>; empty if the archive has only a tag.</param>
/// <param name="Tag">Such as <c>12</c>; empty for none.</param>
public sealed record ImageReference(string Name, string Tag)
{
    private static readonly string[] ImpliedPrefixes = ["docker.io/library/", "docker.io/", "localhost/"];

    /// <summary>Splits the text at its last colon, unless a slash follows: then the colon belongs to a registry's port.</summary>
    public static ImageReference Parse(string text)
    {
        var colon = text.LastIndexOf(':');
        return colon > text.LastIndexOf('/') ? new(text[..colon], text[(colon + 1)..]) : new(text, "");
    }

    /// <summary>Whether docker accepts the reference, with or without a tag (distribution/reference, "Grammar").</summary>
    public bool IsValid => ReferenceGrammar.IsName(Name) && (Tag.Length == 0 || ReferenceGrammar.IsTag(Tag));

    /// <summary>Whether a written archive can have this name: a valid image name, or a tag alone in an OCI layout.</summary>
    public bool CanBeWritten => IsValid || (Name.Length == 0 && ReferenceGrammar.IsRefName(Tag));

    /// <summary>Throws unless a written archive can have this reference.</summary>
    /// <exception cref="InputException">The reference is not valid.</exception>
    public void RequireWritable()
    {
        if (CanBeWritten) return;
        if (Name.Length == 0)
        {
            throw new InputException($"'{JsonInput.Printable(Tag)}' can't be a name in an OCI layout")
            {
                Advice = "Give letters and digits, divided by single - . _ : @ + or /.",
            };
        }

        throw new InputException($"'{this}' can't be the name of an image")
        {
            Advice = "Names are lower-case letters and digits, divided by single . _ - or /; tags have letters, digits, and _ . - inside.",
        };
    }

    /// <summary>
    /// A key that is equal for names that docker treats as equal, as <c>a</c> and <c>docker.io/library/a:latest</c>.
    /// </summary>
    public string Key => (Name.Length == 0 ? this : WithTag.Full).Text;

    /// <summary>The reference with a tag: its own, or <c>latest</c>, which clients imply.</summary>
    internal ImageReference WithTag => Tag.Length > 0 ? this : this with { Tag = "latest" };

    /// <summary>Name and tag as an archive has them; may contain unprintable characters.</summary>
    public string Text => Tag.Length == 0 ? Name : Name.Length == 0 ? Tag : $"{Name}:{Tag}";

    /// <summary>The reference with its registry, as docker expands it: <c>debian</c> is <c>docker.io/library/debian</c>.</summary>
    internal ImageReference Full => this with { Name = ReferenceGrammar.FullName(Name) };

    /// <summary>Name and tag, printable in a message.</summary>
    public override string ToString() => JsonInput.Printable(Name.Length == 0 ? $":{Tag}" : Text);

    /// <summary>Whether the reference has exactly this name and this tag; null matches any.</summary>
    internal bool Matches(string? name, string? tag) => (name is null || name == Name) && (tag is null || tag == Tag);

    /// <summary>
    /// As <see cref="Matches"/>, but <c>debian</c>, <c>docker.io/library/debian</c> and <c>localhost/debian</c> are
    /// equal, because podman and skopeo write the long forms.
    /// </summary>
    internal bool MatchesFamiliarly(string? name, string? tag) => (name is null || Familiar(name) == Familiar(Name)) && (tag is null || tag == Tag);

    private static string Familiar(string name) =>
        ImpliedPrefixes.FirstOrDefault(prefix => name.StartsWith(prefix, StringComparison.Ordinal)) is { } prefix ? name[prefix.Length..] : name;
}
