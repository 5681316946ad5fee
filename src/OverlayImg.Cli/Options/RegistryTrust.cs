using System.CommandLine;
using OverlayImg.Images.Registries.Options;
using OverlayImg.Images.Settings;

namespace OverlayImg.Cli.Options;

/// <summary>
/// The options that allow insecure access to one registry. They do not apply to other hosts, such as a host that the registry redirects to.
/// </summary>
/// <param name="prefix">The first part of the options' names, such as <c>src-</c>.</param>
/// <param name="registry">The registry that the options are for, for the help.</param>
internal sealed class RegistryTrust(string prefix, string registry)
{
    private readonly Option<bool> _plainHttp = new Option<bool>($"--{prefix}plain-http")
    {
        Description = $"Use HTTP without TLS for {registry}, and for no other host. A registry on this machine may use HTTP without this option.",
    }.Sets(ImageSetting.PlainHttp);

    private readonly Option<bool> _noVerify = new Option<bool>($"--{prefix}tls-no-verify")
    {
        Description = $"Accept any TLS certificate of {registry}, and of no other host.",
    }.Sets(ImageSetting.TlsVerification);

    public void AddTo(Command command) => command.Add(OptionSection.Registries, _plainHttp, _noVerify);

    /// <summary>The name of the first of the options that is given; null if neither is given.</summary>
    public string? Given(ParseResult parsed) =>
        parsed.GetValue(_plainHttp) ? _plainHttp.Name : parsed.GetValue(_noVerify) ? _noVerify.Name : null;

    /// <summary>Adds the permissions for <paramref name="registries"/> to <paramref name="options"/>.</summary>
    public RegistryOptions Allow(RegistryOptions options, ParseResult parsed, params IEnumerable<string> registries) => options with
    {
        PlainHttp = parsed.GetValue(_plainHttp) ? new HashSet<string>([.. options.PlainHttp, .. registries]) : options.PlainHttp,
        SkipTlsVerification = parsed.GetValue(_noVerify)
            ? new HashSet<string>([.. options.SkipTlsVerification, .. registries]) : options.SkipTlsVerification,
    };

    /// <summary>Adds the permissions for the registry of one side of a copy.</summary>
    /// <exception cref="UsageException">An option is given, and the side is no registry.</exception>
    public RegistryOptions AllowIn(RegistryOptions options, ParseResult parsed, string? registry)
    {
        if (registry is not null) return Allow(options, parsed, registry);
        return Given(parsed) is not { } given ? options
            : throw new UsageException($"{given} is for a registry, and that side of the copy names none: " +
                $"give docker://HOST/NAME, or leave {given} out.");
    }
}
