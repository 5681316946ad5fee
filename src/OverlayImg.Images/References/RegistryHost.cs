using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using OverlayImg.Images.Json;

namespace OverlayImg.Images.References;

/// <summary>The host and the port of a registry.</summary>
/// <param name="Host">A name or an IP address. An IPv6 address has no brackets.</param>
/// <param name="Port">The port; null for the default port of the URL's scheme.</param>
internal sealed record RegistryHost(string Host, int? Port)
{
    /// <summary>The registry of references that name no registry.</summary>
    public const string DockerHub = "docker.io";

    /// <summary>The authority part of the registry's URLs: the host and, if known, the port.</summary>
    public string Authority => $"{Bracketed(Host)}{(Port is null ? "" : $":{Port}")}";

    /// <summary>Formats a host for messages. An IPv6 address gets brackets, and control characters are escaped.</summary>
    /// <param name="host">A name or an IP address. An IPv6 address may have brackets.</param>
    public static string NameOf(string host) => JsonInput.Printable(Bracketed(host));

    /// <summary>Returns the host that serves the images of a registry. For docker.io that is another host than the name says.</summary>
    public static RegistryHost Of(RegistryReference image) =>
        image.Registry == DockerHub ? new("registry-1.docker.io", null)
        : TryParse(image.Registry, out var host) ? host : throw new InvalidOperationException();

    /// <summary>Parses <c>HOST[:PORT]</c>.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out RegistryHost? host)
    {
        host = null;
        var bracket = text.LastIndexOf(']');
        var colon = text.LastIndexOf(':');
        var hasPort = colon > bracket;
        if (hasPort && (!ushort.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port == 0))
            return false;
        var name = hasPort ? text[..colon] : text;
        if (Uri.CheckHostName(name) == UriHostNameType.Unknown) return false;
        host = new(name.Trim('[', ']').ToLowerInvariant(), hasPort ? int.Parse(text[(colon + 1)..], CultureInfo.InvariantCulture) : null);
        return true;
    }

    private static string Bracketed(string host) => host.Contains(':', StringComparison.Ordinal) && host[0] != '[' ? $"[{host}]" : host;
}
