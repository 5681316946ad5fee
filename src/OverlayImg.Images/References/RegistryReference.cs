using OverlayImg.Images.Digests;
using OverlayImg.Images.Json;

namespace OverlayImg.Images.References;

/// <summary>
/// A reference to an image or a repository in a registry, normalized as docker does (github.com/distribution/reference,
/// "Grammar"): the registry is always named.
/// </summary>
public sealed record RegistryReference
{
    /// <summary>The optional prefix of a reference, as skopeo writes it.</summary>
    public const string Transport = "docker://";

    /// <summary>The tag that clients imply where a reference has neither a tag nor a digest.</summary>
    public const string DefaultTag = "latest";

    private RegistryReference(string registry, string repository) => (Registry, Repository) = (registry, repository);

    /// <summary>The registry: <c>docker.io</c>, or a host with an optional port.</summary>
    public string Registry { get; }

    /// <summary>The repository's name in the registry, such as <c>library/debian</c>.</summary>
    public string Repository { get; }

    /// <summary>The tag; null if the reference has none.</summary>
    public string? Tag { get; private init; }

    /// <summary>The manifest's digest, which takes precedence over the tag; null if the reference has none.</summary>
    public Digest? Digest { get; private init; }

    /// <summary>The registry and the repository, such as <c>docker.io/library/debian</c>.</summary>
    public string Name => $"{Registry}/{Repository}";

    /// <summary>The last part of a manifest's URL: the digest, else the tag, else <c>latest</c>.</summary>
    internal string Selector => Digest?.ToString() ?? Tag ?? DefaultTag;

    /// <summary>Parses a reference, which may have both a tag and a digest. <c>debian</c> means <c>docker.io/library/debian</c>.</summary>
    /// <param name="text">The reference, with or without <c>docker://</c> before it.</param>
    /// <exception cref="InputException">The text is not a reference.</exception>
    public static RegistryReference Parse(string text)
    {
        var rest = text.StartsWith(Transport, StringComparison.Ordinal) ? text[Transport.Length..] : text;
        Digest? digest = null;
        if (rest.IndexOf('@', StringComparison.Ordinal) is >= 0 and var at)
        {
            if (!Digests.Digest.TryParse(rest[(at + 1)..], out digest))
                throw Wrong(text, "the digest after the '@' is not sha256: and 64 hexadecimal digits");
            rest = rest[..at];
        }

        var tag = rest.LastIndexOf(':') is var colon && colon > rest.LastIndexOf('/') ? rest[(colon + 1)..] : null;
        if (tag is not null) rest = rest[..colon];
        const string NameForm = "a name is the registry's host and parts of lowercase letters and digits, separated by slashes";
        if (tag is not null && !ReferenceGrammar.IsTag(tag)) throw Wrong(text, "a tag has at most 128 letters, digits, '_', '.' and '-'");
        if (!ReferenceGrammar.IsName(rest)) throw Wrong(text, NameForm);
        var full = ReferenceGrammar.FullName(rest);
        var slash = full.IndexOf('/', StringComparison.Ordinal);
        var (registry, repository) = (full[..slash], full[(slash + 1)..]);
        if (!ReferenceGrammar.IsPath(repository)) throw Wrong(text, NameForm);
        if (!RegistryHost.TryParse(registry, out _)) throw Wrong(text, "its registry is not a host name or an IP address");
        return new(registry, repository) { Tag = tag, Digest = digest };
    }

    /// <summary>Returns the reference with another digest. The tag stays.</summary>
    public RegistryReference At(Digest digest) => this with { Digest = digest };

    /// <summary>Returns the reference with another tag and without a digest.</summary>
    /// <exception cref="InputException">The text is not a tag.</exception>
    public RegistryReference Tagged(string tag) =>
        ReferenceGrammar.IsTag(tag) ? this with { Tag = tag, Digest = null } : throw Wrong(tag, "the text is not a tag");

    /// <summary>Returns the whole reference, without the <c>docker://</c> prefix.</summary>
    public override string ToString() => $"{Name}{(Tag is null ? "" : $":{Tag}")}{(Digest is null ? "" : $"@{Digest}")}";

    private static InputException Wrong(string text, string why) =>
        new($"is not a reference to an image in a registry: {why}", new(JsonInput.Printable(text)))
        {
            Advice = "Write HOST/NAME:TAG or HOST/NAME@sha256:DIGEST.",
        };
}
