using System.CommandLine;
using OverlayImg.Cli.Completion;
using OverlayImg.Images.References;
using OverlayImg.Images.Registries.Options;

namespace OverlayImg.Cli.Options;

/// <summary>The options for access to registries: encryption, certificates and credentials.</summary>
internal sealed class RegistryGroup
{
    private readonly RegistryTrust _trust = new("", "the registry on the command line");
    private readonly RegistryTrust? _source;
    private readonly RegistryTrust? _destination;

    private readonly Option<string?> _authFile = new Option<string?>("--authfile")
    {
        Description = "File with credentials for registries, in the format of docker's config.json. " +
            "[default: $REGISTRY_AUTH_FILE, docker's config.json, podman's auth.json]",
        HelpName = "FILE",
    }.CompletesFiles();

    /// <param name="withSides">Whether the verb has a source and a destination, with options for each of the two registries.</param>
    public RegistryGroup(bool withSides = false)
    {
        if (!withSides) return;
        (_source, _destination) = (new("src-", "the registry of SOURCE"), new("dest-", "the registry of DESTINATION"));
    }

    public void AddTo(Command command)
    {
        _trust.AddTo(command);
        _source?.AddTo(command);
        _destination?.AddTo(command);
        command.Add(OptionSection.Registries, _authFile);
    }

    /// <summary>The access options of the registries among the images. Images in files have no influence.</summary>
    /// <exception cref="InputException">An image begins with <c>docker://</c> and is no valid reference.</exception>
    /// <exception cref="UsageException">An option for one registry is given, and two registries are named.</exception>
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

    /// <summary>The result of <see cref="Read"/>, with the options for the source and the destination applied.</summary>
    public RegistryOptions ReadSides(ParseResult parsed, string source, string destination)
    {
        var options = _source!.AllowIn(Read(parsed, source, destination), parsed, RegistryIn(source));
        return _destination!.AllowIn(options, parsed, RegistryIn(destination));
    }

    private static string? RegistryIn(string image) =>
        image.StartsWith(RegistryReference.Transport, StringComparison.Ordinal) ? RegistryReference.Parse(image).Registry : null;
}
