using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using OverlayImg.Images.Json;

namespace OverlayImg.Images.References;

/// <summary>Where a registry listens: the host and, where it is said, the port.</summary>
/// <param name="Host">A name, or an address; IPv6 without brackets.</param>
/// <param name="Port">Null: that of the scheme.</param>
internal sealed record RegistryHost(string Host, int? Port)
{
    /// <summary>The registry of names without one.</summary>
    public const string DockerHub = "docker.io";

    /// <summary>Host and port, as they stand in a URL.</summary>
    public string Authority => $"{Bracketed(Host)}{(Port is null ? "" : $":{Port}")}";

    /// <summary>A host as it stands in a URL, fit for a message: an IPv6 address has brackets.</summary>
    /// <param name="host">A name, or an address; IPv6 with brackets or without.</param>
    public static string NameOf(string host) => JsonInput.Printable(Bracketed(host));

    /// <summary>Where to ask for the images of a registry: Docker Hub's is not where its name says.</summary>
    public static RegistryHost Of(RegistryReference image) =>
        image.Registry == DockerHub ? new("registry-1.docker.io", null) : TryParse(image.Registry, out var host) ? host : throw new InvalidOperationException();

    /// <summary>Reads <c>HOST[:PORT]</c>.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out RegistryHost? host)
    {
        host = null;
        var bracket = text.LastIndexOf(']');
        var colon = text.LastIndexOf(':');
        var hasPort = colon > bracket;
        if (hasPort && (!ushort.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port == 0)) return false;
        var name = hasPort ? text[..colon] : text;
        if (Uri.CheckHostName(name) == UriHostNameType.Unknown) return false;
        host = new(name.Trim('[', ']').ToLowerInvariant(), hasPort ? int.Parse(text[(colon + 1)..], CultureInfo.InvariantCulture) : null);
        return true;
    }

    private static string Bracketed(string host) => host.Contains(':', StringComparison.Ordinal) && host[0] != '[' ? $"[{host}]" : host;
}
