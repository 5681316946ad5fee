using System.CommandLine;
using OverlayImg.Layers;
using OverlayImg.Layers.Ready;

namespace OverlayImg.Cli.Options;

/// <summary>The options for files that the tool itself provides, such as accounts and CA certificates.</summary>
internal sealed class ReadyContentsGroup
{
    private readonly (Option<bool> Option, ReadyContents Contents)[] _options =
    [
        (new Option<bool>("--fake-nss")
        {
            Description = "Add the files by which programs look up the users root and nobody: /etc/passwd, /etc/group, " +
                "/etc/nsswitch.conf, and /var/empty. Paths that the contents or the base image have stay unchanged.",
        }.Sets(LayerSetting.FakeNss), ReadyContents.FakeNss),
        (new Option<bool>("--bin-sh")
        {
            Description = "Add /bin/sh as a symbolic link to the bash, dash or busybox of the contents, the base image, --closure or " +
                "this machine's Nix store. An existing /bin/sh stays unchanged.",
        }.Sets(LayerSetting.BinSh), ReadyContents.BinSh),
        (new Option<bool>("--usr-bin-env")
        {
            Description = "Add /usr/bin/env as a symbolic link to the env, coreutils or busybox of the contents, the base image, --closure or " +
                "this machine's Nix store. An existing /usr/bin/env stays unchanged.",
        }.Sets(LayerSetting.UsrBinEnv), ReadyContents.UsrBinEnv),
        (new Option<bool>("--ca-certificates")
        {
            Description = "Add this machine's CA certificates ($SSL_CERT_FILE, or the system's) as /etc/ssl/certs/ca-certificates.crt, " +
                "/etc/ssl/certs/ca-bundle.crt and /etc/pki/tls/certs/ca-bundle.crt. Existing files stay unchanged.",
        }.Sets(LayerSetting.CaCertificates), ReadyContents.CaCertificates),
    ];

    public void AddTo(Command command) => command.Add(OptionSection.Ready, _options.Select(entry => entry.Option));

    public ReadyContents Read(ParseResult parsed) =>
        _options.Where(entry => parsed.GetValue(entry.Option)).Aggregate(ReadyContents.None, (ready, entry) => ready | entry.Contents);
}
