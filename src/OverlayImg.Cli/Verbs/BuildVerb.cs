using System.CommandLine;
using OverlayImg.Builders.ImageBuilds;
using OverlayImg.Builders.NewImages.Specs;
using OverlayImg.Cli.Options;

namespace OverlayImg.Cli.Verbs;

/// <summary><c>overlayimg build</c>: dockerTools' buildImage.</summary>
internal static class BuildVerb
{
    public static Command Create()
    {
        var options = new ImageBuildGroup();
        var schema = ImageVerb.SchemaOption();
        var command = new Verb("build",
            "Builds an image from a base image, one new layer and a config. The layer has files of the host, " +
            "or the changes of scripts that run as root in a guest VM.")
        {
            Summary = "Builds an image from a base image, files and scripts.",
            Examples = """
              overlayimg build --from base.tar --contents ./rootfs --cmd '["/bin/app"]' --name app --tag 1.0 -o app.tar.gz
              overlayimg build --from base.tar --copy ./app:/usr/bin/app --entrypoint /usr/bin/app --name app --tag 1.0 -o app.tar.gz
              overlayimg build --from base.tar --run-as-root setup.sh --name team/app --tag 1.0 -o app.tar
              overlayimg build --from base.tar --run 'useradd web' --user web --name app --tag 1.0 -o app.tar
              overlayimg build --contents ./rootfs --closure closure.txt --name app --tag 1.0 --format dockertools -o - | docker load
              overlayimg build --spec image.json -o app.tar.gz
            """,
        };
        options.AddTo(command, schema);
        ImageVerb.Attach(command, schema, SpecKind.Image, async (parsed, session) =>
            await ImageBuild.RunAsync(await options.ReadAsync(parsed, session.CancellationToken), session));
        return command;
    }
}
