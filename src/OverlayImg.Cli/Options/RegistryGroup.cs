using System.CommandLine;
using OverlayImg.Images.References;
using OverlayImg.Images.Registries.Options;

namespace OverlayImg.Cli.Options;

/// <summary>How registries are spoken to.</summary>
internal sealed class RegistryGroup
{
    private readonly RegistryTrust _trust = new("", "the registry that is named");
    private readonly RegistryTrust? _source;
    private readonly RegistryTrust? _destination;

    private readonly Option<string?> _authFile = new("--authfile")
    {
        Description = "The file with the credentials, in docker's form. [default: $REGISTRY_AUTH_FILE, docker's config.json, podman's auth.json]",
        HelpName = "FILE",
    };

    /// <summary>Makes the options.</summary>
    /// <param name="withSides">Whether the verb has a source and a destination, and options for each.</param>
    public RegistryGroup(bool withSides = false)
    {
        if (!withSides) return;
        (_source, _destination) = (new("src-", "SOURCE's registry"), new("dest-", "DESTINATION's registry"));
    }

    public void AddTo(Command command)
    {
        _trust.AddTo(command);
        _source?.AddTo(command);
        _destination?.AddTo(command);
        command.Add(_authFile);
    }

    /// <summary>What the options say of the registries that the images are in; images elsewhere have nothing to do with them.</summary>
    /// <exception cref="InputException">An image is no reference to one in a registry.</exception>
    /// <exception cref="UsageException">An option could mean several registries.</exception>
    public RegistryOptions Read(ParseResult parsed, params IEnumerable<string> images)
    {
        string[] registries = [.. images.Select(RegistryIn).OfType<string>().Distinct(StringComparer.Ordinal)];
        if (registries.Length > 1 && _trust.Given(parsed) is { } given)
        {
            var advice = _source is null ? "do it in two steps, with an archive between them" : $"give --src{given[1..]} or --dest{given[1..]}";
            throw new UsageException($"{given} is for one registry, but {registries[0]} and {registries[1]} are named: {advice}.");
        }

        var options = new RegistryOptions { CredentialsFile = parsed.GetValue(_authFile) };
        return _trust.Allow(options, parsed, registries);
    }

    /// <summary>As <see cref="Read"/>, with the options for each side.</summary>
    public RegistryOptions ReadSides(ParseResult parsed, string source, string destination)
    {
        var options = _source!.AllowIn(Read(parsed, source, destination), parsed, RegistryIn(source));
        return _destination!.AllowIn(options, parsed, RegistryIn(destination));
    }

    private static string? RegistryIn(string image) =>
        image.StartsWith(RegistryReference.Transport, StringComparison.Ordinal) ? RegistryReference.Parse(image).Registry : null;
}
