param domain string = 'cms.acme.example'
var image = 'directus/directus:12.4.1'

resource cms 'Microsoft.App/containerApps@2024-03-01' = {
  name: 'cms'
  properties: {
    configuration: {
      secrets: [
        { name: 'secret', value: 'change-me' }
      ]
    }
    template: {
      containers: [
        {
          name: 'directus'
          image: image
          env: [
            { name: 'SECRET', secretRef: 'secret' }
            { name: 'PUBLIC_URL', value: 'https://${domain}' }
          ]
        }
      ]
    }
  }
}
