using OverlayImg.Images.Digests;
using OverlayImg.Images.Json;

namespace OverlayImg.Images.References;

/// <summary>An image in a registry, or the repository that it is in (distribution/reference, "Grammar"), spelt out as docker understands it.</summary>
public sealed record RegistryReference
{
    /// <summary>The transport that it may be written with.</summary>
    public const string Transport = "docker://";

    /// <summary>The tag that clients imply where a reference has neither a tag nor a digest.</summary>
    public const string DefaultTag = "latest";

    private RegistryReference(string registry, string repository) => (Registry, Repository) = (registry, repository);

    /// <summary>The registry as it is named: <c>docker.io</c>, or a host with or without a port.</summary>
    public string Registry { get; }

    /// <summary>Such as <c>library/debian</c>.</summary>
    public string Repository { get; }

    /// <summary>The tag that was said; null where none was.</summary>
    public string? Tag { get; private init; }

    /// <summary>The digest of the manifest that is meant, whatever the tag names by now; null where none was said.</summary>
    public Digest? Digest { get; private init; }

    /// <summary>Registry and repository, as docker prints them.</summary>
    public string Name => $"{Registry}/{Repository}";

    /// <summary>What the registry is asked for: the digest, else the tag, else <c>latest</c>.</summary>
    internal string Selector => Digest?.ToString() ?? Tag ?? DefaultTag;

    /// <summary>Reads a reference; <c>debian</c> is <c>docker.io/library/debian</c>. A tag may stand before a digest, which decides.</summary>
    /// <param name="text">With <c>docker://</c> before it, or without.</param>
    /// <exception cref="InputException">It is none.</exception>
    public static RegistryReference Parse(string text)
    {
        var rest = text.StartsWith(Transport, StringComparison.Ordinal) ? text[Transport.Length..] : text;
        Digest? digest = null;
        if (rest.IndexOf('@', StringComparison.Ordinal) is >= 0 and var at)
        {
            if (!Digests.Digest.TryParse(rest[(at + 1)..], out digest)) throw Wrong(text, "what follows the '@' is not sha256: and 64 hexadecimal digits");
            rest = rest[..at];
        }

        var tag = rest.LastIndexOf(':') is var colon && colon > rest.LastIndexOf('/') ? rest[(colon + 1)..] : null;
        if (tag is not null) rest = rest[..colon];
        if (tag is not null && !ReferenceGrammar.IsTag(tag)) throw Wrong(text, "a tag has letters, digits, '_', '.' and '-', and at most 128 of them");
        if (!ReferenceGrammar.IsName(rest)) throw Wrong(text, "a name has parts of small letters and digits between slashes, behind the registry's host");
        var full = ReferenceGrammar.FullName(rest);
        var slash = full.IndexOf('/', StringComparison.Ordinal);
        var (registry, repository) = (full[..slash], full[(slash + 1)..]);
        if (!ReferenceGrammar.IsPath(repository)) throw Wrong(text, "a name has parts of small letters and digits between slashes, behind the registry's host");
        if (!RegistryHost.TryParse(registry, out _)) throw Wrong(text, "its registry is no host");
        return new(registry, repository) { Tag = tag, Digest = digest };
    }

    /// <summary>The same repository's manifest with this digest; the tag stays.</summary>
    public RegistryReference At(Digest digest) => this with { Digest = digest };

    /// <summary>The same repository's image with this tag, whatever its digest.</summary>
    /// <exception cref="InputException">It can't be a tag.</exception>
    public RegistryReference Tagged(string tag) => ReferenceGrammar.IsTag(tag) ? this with { Tag = tag, Digest = null } : throw Wrong(tag, "it can't be a tag");

    /// <summary>The whole reference, as docker prints it.</summary>
    public override string ToString() => $"{Name}{(Tag is null ? "" : $":{Tag}")}{(Digest is null ? "" : $"@{Digest}")}";

    private static InputException Wrong(string text, string why) =>
        new($"is not a reference to an image in a registry: {why}", new(JsonInput.Printable(text))) { Advice = "Write HOST/NAME:TAG or HOST/NAME@sha256:DIGEST." };
}
